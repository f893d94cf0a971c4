from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sim_study.config.strict import build
from sim_study.data.clip_files.figure import mel_db
from sim_study.data.clip_files.tables import peaks, sounding_samples
from sim_study.data.clips import Clips
from sim_study.data.corpus import Corpus
from sim_study.data.prepare import prepare
from sim_study.data.synthetic_speech.espeak import check_voices, languages, variants
from sim_study.data.synthetic_speech.kind import SyntheticSpeech
from sim_study.data.synthetic_speech.synthesise import draw_words, synthesise
from sim_study.errors import UserError

TINY = SyntheticSpeech(seed=5, train_words=6, test_words=3)


def quiet(_: str) -> None:
    pass


def test_same_seed_same_sound_other_seed_other_sound() -> None:
    first, again = synthesise(TINY, quiet), synthesise(TINY, quiet)
    other = synthesise(TINY.model_copy(update={"seed": 6}), quiet)
    for key, clips in first.items():
        np.testing.assert_array_equal(clips.samples, again[key].samples)
        assert clips.ids == again[key].ids
        assert not np.array_equal(clips.samples, other[key].samples)


def test_fingerprint_follows_the_seed_not_the_folder(tmp_path_factory) -> None:
    fingerprints = [
        prepare(TINY.model_copy(update={"seed": seed}), tmp_path_factory.mktemp("o")).fingerprint
        for seed in (5, 5, 6)
    ]
    assert fingerprints[0] == fingerprints[1] != fingerprints[2]


def test_both_forms_have_the_shapes_of_artificial_speech(synthetic: Corpus) -> None:
    for split, words in (("train", 240), ("test", 60)):
        assert synthetic.decoder_clips(split).samples.shape == (words, 10_240)
        assert synthetic.probe_clips(split).samples.shape == (3 * words, 8_821)


def test_levels_and_silences(synthetic: Corpus) -> None:
    words, syllables = synthetic.decoder_clips("train"), synthetic.probe_clips("train")
    assert peaks(words).min() > 0.2
    assert peaks(words).max() < 0.95
    starts = np.array([np.flatnonzero(row)[0] for row in words.samples])
    assert starts.max() < 0.03 * 16_000
    assert np.median(words.samples[:, -160:].any(axis=1)) == 0  # most words end within the clip
    assert sounding_samples(syllables).min() > 0.04 * 16_000
    middles = [np.flatnonzero(row)[[0, -1]].mean() for row in syllables.samples]
    np.testing.assert_allclose(middles, 8_821 / 2, atol=40)


def test_classes_are_balanced_and_factors_recorded(synthetic: Corpus, small) -> None:
    clips = synthetic.probe_clips("train")
    for factor in ("consonant", "vowel", "syllable", "position", "voice"):
        counts = np.bincount(clips.labels[factor], minlength=len(clips.classes[factor]))
        share = counts / len(clips) * len(counts)
        assert 0.6 < share.min() <= share.max() < 1.4, factor
    assert clips.classes["voice"] == small.voices
    for name, (low, high) in (("pitch", small.pitch), ("rate_wpm", small.rate)):
        assert low <= clips.values[name].min() < clips.values[name].max() <= high
    for row, clip_id in enumerate(clips.ids):
        _, word, position, syllable = clip_id.split("-")
        assert clips.classes["syllable"][clips.labels["syllable"][row]] == syllable
        assert word[2 * int(position) - 2 :][:2] == syllable


@pytest.mark.parametrize(
    "config", [SyntheticSpeech(), SyntheticSpeech(train_words=3000, test_words=700), TINY]
)
def test_no_pair_of_word_and_voice_is_in_both_splits(config: SyntheticSpeech) -> None:
    draws = draw_words(config)
    pairs = {split: Counter((draw.word, draw.voice) for draw in draws[split]) for split in draws}
    assert not pairs["train"].keys() & pairs["test"].keys()
    assert {split: len(draws[split]) for split in draws} == {
        "train": config.train_words,
        "test": config.test_words,
    }
    assert max(pairs["train"].values()) - min(pairs["train"].values()) <= 1


def test_groups_tell_which_word_a_syllable_was_cut_from(synthetic: Corpus) -> None:
    words, syllables = synthetic.decoder_clips("test"), synthetic.probe_clips("test")
    np.testing.assert_array_equal(np.repeat(words.groups, 3), syllables.groups)
    assert not np.intersect1d(synthetic.decoder_clips("train").groups, words.groups).size


def mean_mel(clips: Clips) -> np.ndarray:
    """Mean log-mel spectrum of the loud part of each clip: (clip, mel band)."""
    bands = mel_db(clips.samples)  # (clip, band, frame)
    loud = bands.max(axis=1) > -40  # (clip, frame)
    return (bands * loud[:, None]).sum(axis=2) / loud.sum(axis=1)[:, None]


def test_labels_match_the_sound(synthetic: Corpus) -> None:
    train, test = synthetic.probe_clips("train"), synthetic.probe_clips("test")
    train_x, test_x = mean_mel(train), mean_mel(test)
    accuracy = {}
    for factor in ("vowel", "consonant"):
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200))
        model.fit(train_x, train.labels[factor])
        accuracy[factor] = model.score(test_x, test.labels[factor])
    assert accuracy["vowel"] > 0.9
    assert accuracy["consonant"] > 0.8  # chance: 1/3


def test_unknown_voices_are_all_named_with_the_closest_known_one() -> None:
    assert "en-us" in languages()
    assert "f3" in variants()
    check_voices(SyntheticSpeech().voices, "synthetic-speech")
    with pytest.raises(UserError) as caught:
        check_voices(("en-us", "en-uss", "en-us+f33"), "synthetic-speech")
    message = str(caught.value)
    assert "voices = 'en-uss': espeak-ng has no language 'en-uss'; did you mean 'en-us'?" in message
    assert "espeak-ng has no variant 'f33'; did you mean 'f" in message
    assert len(caught.value.problems) == 2


def test_a_language_that_softens_its_stops_is_refused() -> None:
    config = TINY.model_copy(update={"voices": ("en-us", "es")})
    with pytest.raises(UserError, match="voices = 'es': must pronounce b, d and g as such"):
        synthesise(config, quiet)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"pitch": (60, 40)}, "the lowest (60) must not exceed the highest (40)"),
        ({"pitch": (40, 100)}, "must be at most 99"),
        ({"rate": (40, 100)}, "must be at least 80"),
        ({"voices": ("en-us", "en-us")}, "repeated: en-us"),
    ],
)
def test_impossible_settings_are_refused(settings: dict, words: str) -> None:
    with pytest.raises(UserError) as caught:
        build(SyntheticSpeech, settings, "here")
    assert words in str(caught.value)
