"""Where phones sound, as espeak-ng says and as energy tells, held against the waveform."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from sim_study.data.clips import SPLITS, Clips
from sim_study.data.corpus import Corpus
from sim_study.data.prepare import prepare
from sim_study.data.spans import sounding_spans, syllable_spans
from sim_study.data.syllables import POSITIONS
from sim_study.data.synthetic_speech.kind import SyntheticSpeech
from sim_study.data.tertiles import with_tertiles

MS = 16
"""Samples a millisecond."""


def piece(clips: Clips, row: int, name: str) -> np.ndarray:
    begin, end = clips.spans[name][row]
    return np.asarray(clips.samples[row, begin:end], np.float64)


def changes_db(sound: np.ndarray) -> np.ndarray:
    """Change of the treble's energy over 6 ms, around every millisecond: (ms,), in dB."""
    treble = np.square(np.diff(sound, n=2, prepend=[0, 0]))
    sums = np.concatenate([[0.0], np.cumsum(treble)])
    starts = np.arange(0, len(sound) - 5 * MS + 1, MS)
    energy = 10 * np.log10((sums[starts + 5 * MS] - sums[starts]) + 1)  # middle: + 2.5 ms
    changes = np.zeros(len(energy) + 3)
    changes[5:-4] = energy[6:] - energy[:-6]  # between the middles of i - 3 and i + 3
    return changes


@pytest.mark.parametrize("split", SPLITS)
def test_spans_lie_in_the_clip_and_follow_one_another(
    synthetic: Corpus, real: Corpus, split: str
) -> None:
    for corpus in (synthetic, real):
        clips = corpus.probe_clips(split)
        sounding, consonant, vowel = (
            clips.spans[name] for name in ("sounding", "consonant", "vowel")
        )
        for bounds in (sounding, consonant, vowel):
            assert bounds.shape == (len(clips), 2)
            assert bounds.dtype == np.int64
        assert (sounding[:, 0] >= 0).all()
        assert (sounding[:, 1] <= clips.samples.shape[1]).all()
        np.testing.assert_array_equal(consonant[:, 0], sounding[:, 0])
        np.testing.assert_array_equal(consonant[:, 1], vowel[:, 0])
        assert (vowel[:, 0] < vowel[:, 1]).all()
        assert (vowel[:, 1] <= sounding[:, 1]).all()
        np.testing.assert_array_equal(clips.take([2, 0]).spans["vowel"], vowel[[2, 0]])
        words = corpus.decoder_clips(split)
        assert (np.diff(words.spans["sounding"], axis=1) > 300 * MS).all()


def test_what_espeak_calls_a_syllable_is_what_is_not_silent(synthetic: Corpus) -> None:
    clips = synthetic.probe_clips("train")
    heard = np.array([np.flatnonzero(clip)[[0, -1]] + [0, 1] for clip in clips.samples])
    apart_ms = np.abs(heard - clips.spans["sounding"]) / MS
    assert np.quantile(apart_ms, 0.99) < 2


def test_vowels_are_loud_and_closures_are_not(synthetic: Corpus) -> None:
    clips = synthetic.probe_clips("train")
    energy = {
        name: np.array([np.square(piece(clips, row, name)).sum() for row in range(len(clips))])
        for name in ("sounding", "consonant", "vowel")
    }
    assert np.quantile(energy["vowel"] / energy["sounding"], 0.02) > 0.85
    level = {
        name: energy[name] / np.diff(clips.spans[name], axis=1)[:, 0]
        for name in ("consonant", "vowel")
    }
    inside = clips.labels["position"] > 0  # a word's first stop is its release alone
    quieter_db = 10 * np.log10(level["vowel"] / level["consonant"])[inside]
    assert np.quantile(quieter_db, 0.02) > 4


def test_closures_begin_and_releases_end_where_espeak_says(synthetic: Corpus) -> None:
    """Medians over syllables inside words; what is found is a jump of the treble's energy."""
    words = synthetic.decoder_clips("train")
    closures_ms, releases_ms = [], []
    for row, clip in enumerate(words.samples):
        changes = changes_db(clip.astype(np.float64))
        for position in (2, 3):
            begin, end = words.spans[f"consonant_{position}"][row] // MS
            if end > 600:
                continue
            closures_ms.append(int(changes[begin - 30 : begin + 30].argmin()) - 30)
            releases_ms.append(int(changes[begin + 8 : end + 10].argmax()) + begin + 8 - end)
    assert len(closures_ms) > 400
    assert abs(np.median(closures_ms)) <= 3
    assert np.quantile(np.abs(closures_ms), 0.9) <= 6
    assert -30 <= np.median(releases_ms) <= -15, "a release is the consonant's last 20 to 25 ms"


def syllable(begin: int, release: int, end: int, rise_db: float) -> np.ndarray:
    """A hum that gets louder, in the middle of a silent clip."""
    hum = 8_000 * np.sin(2 * np.pi * 200 / 16_000 * np.arange(8_821))
    loudness = np.zeros(8_821)
    loudness[begin:release] = 10 ** (-rise_db / 20)
    loudness[release:end] = 1
    return (hum * loudness).astype(np.int16)


def test_energy_finds_a_planted_nucleus_however_loud_the_clip() -> None:
    planted = [(1_600, 3_200, 6_400), (2_400, 4_000, 5_600), (0, 1_600, 8_821)]
    clips = np.stack([syllable(*bounds, rise_db=12) for bounds in planted])
    spans = syllable_spans(clips)
    expected = np.array(planted)
    assert np.abs(spans["sounding"] - expected[:, [0, 2]]).max() <= 10 * MS
    assert np.abs(spans["vowel"][:, 0] - expected[:, 1]).max() <= 10 * MS
    assert np.abs(spans["vowel"][:, 1] - expected[:, 2]).max() <= 10 * MS
    for name, bounds in syllable_spans(clips // 8).items():
        assert np.abs(bounds - spans[name]).max() <= 10 * MS
    flat = syllable_spans(np.stack([syllable(1_600, 3_200, 6_400, rise_db=3)]))
    assert flat["vowel"][0, 0] < 1_600 + 10 * MS, "without a rise there is no consonant to find"
    assert sounding_spans(np.zeros((1, 800), np.int16)).tolist() == [[0, 800]]


def test_energy_finds_the_release_of_recorded_stops(real: Corpus) -> None:
    """The release is where the treble jumps up, in the first three quarters of what sounds."""
    clips = real.probe_clips("train").take(np.arange(0, 2_181, 6))
    late_ms = []
    for clip, sounding, vowel in zip(
        clips.samples, clips.spans["sounding"], clips.spans["vowel"], strict=True
    ):
        first, last = sounding // MS
        first, last = first + 15, int(first + 0.75 * (last - first))
        release = int(changes_db(clip.astype(np.float64))[first:last].argmax()) + first
        late_ms.append(vowel[0] / MS - release)
    assert 8 <= np.median(late_ms) <= 20
    assert np.mean((np.array(late_ms) > -10) & (np.array(late_ms) < 40)) > 0.93


def test_pitch_and_rate_are_low_middle_or_high_by_the_training_split(synthetic: Corpus) -> None:
    train, test = (synthetic.probe_clips(split) for split in SPLITS)
    for factor, values in (("pitch", "pitch"), ("rate", "rate_wpm")):
        shares = np.bincount(train.labels[factor], minlength=3) / len(train)
        assert 0.25 < shares.min() <= shares.max() < 0.42
        assert test.classes[factor] == train.classes[factor]
        low, middle, high = train.classes[factor]
        bounds = [float(name.split()[-1].rstrip(")")) for name in (low, middle, high)]
        assert bounds[1] == bounds[2]
        for clips in (train, test):
            found, told = clips.values[values], clips.labels[factor]
            np.testing.assert_allclose(found[told == 0].max(), bounds[0], atol=2)
            assert found[told == 0].max() <= bounds[0] < found[told == 1].min()
            assert found[told == 1].max() <= bounds[1] < found[told == 2].min()


def test_words_are_utterances_with_the_phone_of_every_frame(
    synthetic: Corpus, small: SyntheticSpeech, tmp_path: Path
) -> None:
    assert synthetic.utterances("train") is None, "unless asked for"
    few = small.model_copy(update={"train_words": 12, "test_words": 6})
    plain = prepare(few, tmp_path)
    asked = prepare(few.model_copy(update={"phones": True}), tmp_path)
    assert asked.fingerprint != plain.fingerprint
    words, spoken = asked.decoder_clips("train"), asked.utterances("train")
    assert spoken.classes["phone"] == ("silence", "b", "d", "g", "a", "i", "u")
    np.testing.assert_array_equal(spoken.groups, words.groups)
    assert set(spoken.groups) == set(asked.probe_clips("train").groups)
    for row, (name, phones) in enumerate(zip(spoken.ids, spoken.phones, strict=True)):
        np.testing.assert_array_equal(spoken.recordings.parts[row], words.samples[row])
        assert len(phones) == 64
        heard = [spoken.classes["phone"][code] for code, _ in groupby(phones)]
        # A word's first stop takes 17 ms: one frame or two; a slow word's end may be cut off.
        said = list(name.split("-")[1])
        assert [one for one in heard if one != "silence"] == said
        for position in POSITIONS:
            begin, end = words.spans[f"vowel_{position}"][row]
            inside = phones[-(-begin // 160) : end // 160]
            vowel = words.classes["vowel_1"][words.labels[f"vowel_{position}"][row]]
            assert {spoken.classes["phone"][code] for code in inside} <= {vowel}
        loud = np.square(words.samples[row].reshape(64, 160).astype(float)).mean(axis=1)
        assert loud[phones >= 4].mean() > 4 * loud[(phones > 0) & (phones < 4)].mean()
        assert loud[phones == 0].max(initial=0) < loud[phones >= 4].mean() / 10


def test_a_value_that_never_varies_is_all_low(synthetic: Corpus) -> None:
    clips = synthetic.probe_clips("test")
    clips.values["constant"] = np.full(len(clips), 50.0)
    labelled = with_tertiles(clips, "constant", "constant", np.full(9, 50.0))
    del clips.values["constant"]
    assert labelled.classes["constant"] == ("low (to 50)", "middle (to 50)", "high (above 50)")
    assert not labelled.labels["constant"].any()
