"""How much there is to learn from: expected before preparation, counted after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim_study.data.amounts import Amount, CorpusAmounts, amounts_of
from sim_study.data.artificial_speech.kind import KIND as ARTIFICIAL
from sim_study.data.artificial_speech.kind import ArtificialSpeech
from sim_study.data.artificial_speech.read import FOLDERS
from sim_study.data.clips import SPLITS
from sim_study.data.librispeech.kind import KIND as LIBRISPEECH
from sim_study.data.librispeech.kind import LibriSpeech
from sim_study.data.prepare import prepare
from sim_study.data.synthetic_speech.kind import KIND as SYNTHETIC
from sim_study.data.synthetic_speech.kind import SyntheticSpeech
from sim_study.errors import UserError


def test_synthesised_words_and_their_syllables(tmp_path: Path) -> None:
    settings = SyntheticSpeech(train_words=32, test_words=16)
    words = Amount(32, 10_240)
    expected = CorpusAmounts(words, words, Amount(96, 8_821))
    assert SYNTHETIC.expected(settings) == expected
    assert amounts_of(prepare(settings, tmp_path)) == expected


def test_recordings_in_a_folder_are_counted(shared_data: Path) -> None:
    words = Amount(680, 10_240)
    root = shared_data / "artificial-speech"
    expected = CorpusAmounts(words, words, Amount(2_181, 8_821))
    assert ARTIFICIAL.expected(ArtificialSpeech(root=root)) == expected


def test_folders_without_a_sound_are_named(tmp_path: Path) -> None:
    for form in FOLDERS.values():
        for split in SPLITS:
            (tmp_path / form / split).mkdir(parents=True)
    folders = [tmp_path / form / "train" for form in FOLDERS.values()]
    with pytest.raises(UserError) as caught:
        ARTIFICIAL.expected(ArtificialSpeech(root=tmp_path))
    assert str(caught.value).splitlines() == [
        f"{at}: holds no file of the corpus" for at in folders
    ]


def test_utterances_are_counted_and_their_clips_guessed(shared_data: Path, tmp_path: Path) -> None:
    config = LibriSpeech(
        root=shared_data / "librispeech-sample", pretrain=("train-clean-100",), clip_samples=20_480
    )
    expected, found = LIBRISPEECH.expected(config), amounts_of(prepare(config, tmp_path))
    assert found.utterances is not None
    assert expected.utterances is not None
    assert (expected.encoder.clips, expected.utterances.clips) == (60, 64)
    assert (found.encoder.clips, found.utterances.clips) == (60, 64)
    assert found.labelled.samples == found.decoder.samples == 20_480
    assert expected.labelled.clips == pytest.approx(found.labelled.clips, rel=0.35)
    assert expected.decoder.clips == pytest.approx(found.decoder.clips, rel=0.35)
