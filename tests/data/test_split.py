import numpy as np
import pytest

from sim_study.data.split import split_by_group


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
