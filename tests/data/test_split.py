import numpy as np
import pytest

from sim_study.data.split import HELD_OUT_SEED, split_by_group, split_utterances


def test_no_word_is_on_both_sides():
    groups = np.repeat(np.arange(50), 3)
    fitted, validation = split_by_group(groups, 0.2, seed=0)
    assert set(groups[fitted]).isdisjoint(groups[validation])
    assert sorted([*fitted, *validation]) == list(range(150))
    assert len(validation) == 30


def test_split_depends_on_its_seed_only():
    groups = np.repeat(np.arange(50), 3)
    first, again, other = (split_by_group(groups, 0.2, seed)[1] for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("fraction", [0.001, 0.999])
def test_each_side_keeps_a_word(fraction):
    fitted, validation = split_by_group(np.repeat(np.arange(4), 2), fraction, seed=0)
    assert len(fitted) >= 2
    assert len(validation) >= 2


def test_one_word_cannot_be_split():
    with pytest.raises(ValueError, match="at least 2 groups"):
        split_by_group(np.zeros(5, dtype=np.int64), 0.5, seed=0)


def test_utterances_are_held_out_with_their_clips():
    clip_groups = np.repeat(np.arange(20), 3)
    groups = np.arange(0, 20, 2)  # every other utterance has labels
    fitted, held_out = split_utterances(groups, clip_groups, 0.3)
    _, clips = split_by_group(clip_groups, 0.3, HELD_OUT_SEED)
    assert set(groups[held_out]) == set(clip_groups[clips]) & set(groups)
    assert sorted([*fitted, *held_out]) == list(range(10))


def test_labels_on_one_side_only_cannot_be_split():
    with pytest.raises(ValueError, match="of 1 utterances with labels"):
        split_utterances(np.array([0]), np.arange(10), 0.3)
