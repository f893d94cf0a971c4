"""Corpora prepared once for all the tests of this room."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim_study.config.corpus import ArtificialSpeech, SyntheticSpeech
from sim_study.data.corpus import Corpus
from sim_study.data.prepare import prepare


@pytest.fixture(scope="session")
def small() -> SyntheticSpeech:
    return SyntheticSpeech(seed=1, train_words=240, test_words=60)


@pytest.fixture(scope="session")
def prepared_output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("corpora-output")


@pytest.fixture(scope="session")
def synthetic(small: SyntheticSpeech, prepared_output: Path) -> Corpus:
    return prepare(small, prepared_output)


@pytest.fixture(scope="session")
def real(shared_data: Path, prepared_output: Path) -> Corpus:
    return prepare(ArtificialSpeech(root=shared_data / "artificial-speech"), prepared_output)
