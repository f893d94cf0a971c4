"""How much there is to learn from: told before preparation what is found after it."""

from __future__ import annotations

from pathlib import Path

from sim_study.config.corpus import ArtificialSpeech, SyntheticSpeech
from sim_study.data.corpus import Corpus
from sim_study.study.material import Amount, Material, material_expected, material_of


def test_synthesised_words_and_their_syllables(tiny_corpus: Corpus) -> None:
    words = Amount(32, 10_240)
    expected = Material(words, words, Amount(96, 8_821))
    assert material_expected(SyntheticSpeech(train_words=32, test_words=16)) == expected
    assert material_of(tiny_corpus) == expected


def test_recordings_in_a_folder_are_counted(shared_data: Path) -> None:
    words = Amount(680, 10_240)
    root = shared_data / "artificial-speech"
    expected = Material(words, words, Amount(2_181, 8_821))
    assert material_expected(ArtificialSpeech(root=root)) == expected
