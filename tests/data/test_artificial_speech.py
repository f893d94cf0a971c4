from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from torchaudio.functional import resample as sinc

from sim_study.data.artificial_speech.kind import ArtificialSpeech
from sim_study.data.corpus import Corpus
from sim_study.data.loudness import SYLLABLE_LEVEL_DB, loud_rms
from sim_study.data.prepare import prepare
from sim_study.errors import UserError


def noise(path: Path, samples: int, rate_hz: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(samples)
    soundfile.write(path, rng.integers(-9000, 9000, samples).astype(np.int16), rate_hz)


@pytest.fixture
def fake_root(tmp_path: Path) -> Path:
    """A corpus of noise in the corpus' layout: two words, one of which has a second take."""
    root = tmp_path / "fake"
    words, syllables = root / "reshuffledv2", root / "split up data padded"
    noise(words / "train" / "bababa_1.wav", 40_000, 44_100)
    noise(words / "train" / "bababa_2.wav", 20_000, 44_100)
    noise(words / "test" / "bidagu_1.wav", 40_000, 44_100)
    noise(syllables / "train" / "bababa_1_1_ba.wav", 12_156, 22_050)
    noise(syllables / "train" / "bidagu_1_3_gu.wav", 12_156, 22_050)
    noise(syllables / "test" / "bababa_1_2_ba.wav", 12_156, 22_050)
    return root


def test_labels_and_groups_come_from_file_names(fake_root: Path, tmp_path: Path) -> None:
    corpus = prepare(ArtificialSpeech(root=fake_root), tmp_path)
    train, test = corpus.probe_clips("train"), corpus.probe_clips("test")
    assert train.ids == ["bababa_1_1_ba", "bidagu_1_3_gu"]
    assert train.labels["syllable"].tolist() == [0, 8]
    assert train.labels["position"].tolist() == [0, 2]
    words = corpus.decoder_clips("train")
    assert words.groups[0] == train.groups[0]
    # Takes are counted anew in the test split: its first bababa is the second recording.
    assert test.groups[0] == words.groups[1]
    assert test.values["take"].tolist() == [2.0]
    assert not words.samples[1, -1000:].any()  # the shorter word is padded


def test_moving_the_folder_changes_nothing_touching_a_file_does(
    fake_root: Path, tmp_path: Path
) -> None:
    first = prepare(ArtificialSpeech(root=fake_root), tmp_path)
    moved = fake_root.rename(tmp_path / "moved")
    assert prepare(ArtificialSpeech(root=moved), tmp_path) == first
    noise(moved / "reshuffledv2" / "test" / "bidagu_1.wav", 41_000, 44_100)
    changed = prepare(ArtificialSpeech(root=moved), tmp_path)
    assert changed.folder != first.folder
    assert changed.fingerprint != first.fingerprint


def test_every_bad_file_is_named_at_once(fake_root: Path, tmp_path: Path) -> None:
    words = fake_root / "reshuffledv2" / "train"
    syllables = fake_root / "split up data padded" / "train"
    (words / "dadada_1.wav").write_bytes(b"no sound")
    (words / "bababa_1.wav").write_bytes((words / "bababa_1.wav").read_bytes()[:5000])
    soundfile.write(words / "gigigi_1.wav", np.zeros(40_000, np.int16), 44_100)
    noise(words / "gugugu_1.wav", 40_000, 16_000)
    noise(words / "kakaka_1.wav", 40_000, 44_100)
    noise(syllables / "bababa_1_3_bi.wav", 12_156, 22_050)
    noise(syllables / "bababa_1_2_ba.wav", 9_000, 22_050)
    with pytest.raises(UserError) as caught:
        prepare(ArtificialSpeech(root=fake_root), tmp_path)
    message = str(caught.value)
    for name, law in {
        "dadada_1.wav": "cannot be read",
        "bababa_1.wav": "is truncated",
        "gigigi_1.wav": "is silent",
        "gugugu_1.wav": "must be 44100 Hz",
        "kakaka_1.wav": "must be named like babagi_1.wav",
        "bababa_1_3_bi.wav": "syllable is not the word's",
        "bababa_1_2_ba.wav": "must be 8821 samples long at 16000 Hz",
    }.items():
        assert any(name in line and law in line for line in message.splitlines()), name
    assert len(caught.value.problems) == 7
    assert not list((tmp_path / "corpora").glob("art*"))


def test_an_empty_folder_is_named(fake_root: Path, tmp_path: Path) -> None:
    (fake_root / "reshuffledv2" / "test" / "bidagu_1.wav").unlink()
    with pytest.raises(UserError, match=r"test: holds no file of the corpus"):
        prepare(ArtificialSpeech(root=fake_root), tmp_path)


@pytest.mark.parametrize("case", ["not given", "no such folder", "incomplete"])
def test_a_missing_root_says_how_to_get_it(fake_root: Path, tmp_path: Path, case: str) -> None:
    root = {"not given": None, "no such folder": tmp_path / "none", "incomplete": fake_root}[case]
    shutil.rmtree(fake_root / "reshuffledv2" / "test")
    with pytest.raises(UserError) as caught:
        prepare(ArtificialSpeech(root=root), tmp_path)
    message = str(caught.value)
    assert "python -m sim_study.corpus fetch artificial-speech --root DIR" in message
    assert "https://github.com/fdenoodt/Artificial-Speech-Dataset" in message
    assert "--set corpus.root=DIR" in message
    assert ("reshuffledv2/test" in message) == (case == "incomplete")


def test_real_counts_and_lengths(real: Corpus) -> None:
    assert real.decoder_clips("train").samples.shape == (680, 10_240)
    assert real.decoder_clips("test").samples.shape == (171, 10_240)
    assert real.probe_clips("train").samples.shape == (2_181, 8_821)
    assert real.probe_clips("test").samples.shape == (360, 8_821)


def test_real_class_codes(real: Corpus) -> None:
    for split in ("train", "test"):
        clips = real.probe_clips(split)
        for clip_id, syllable, vowel, consonant in zip(
            clips.ids,
            clips.labels["syllable"],
            clips.labels["vowel"],
            clips.labels["consonant"],
            strict=True,
        ):
            spoken = clip_id[-2:]
            assert ("ba", "bi", "bu", "da", "di", "du", "ga", "gi", "gu")[syllable] == spoken
            assert "bdg"[consonant] + "aiu"[vowel] == spoken


def test_real_test_clips_share_no_recording_with_training_clips_of_their_form(
    real: Corpus,
) -> None:
    for form in ("words", "syllables"):
        train, test = real.clips(form, "train"), real.clips(form, "test")
        assert not np.intersect1d(train.groups, test.groups).size


def test_real_samples_are_the_float32_resampling_levelled_and_rounded(
    real: Corpus, shared_data: Path
) -> None:
    name = real.decoder_clips("test").ids[7]
    path = shared_data / "artificial-speech" / "reshuffledv2" / "test" / f"{name}.wav"
    sound, rate_hz = soundfile.read(path, dtype="float32")
    expected = sinc(torch.from_numpy(sound), rate_hz, 16_000)[:10_240].numpy()
    expected *= 32_768 * 10 ** (SYLLABLE_LEVEL_DB / 20) / loud_rms(expected)
    assert (
        np.abs(real.decoder_clips("test").samples[7] - expected).max() < 0.55
    )  # half a step, and float32's error
