"""A prepared corpus and a specification small enough for a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim_study.data.corpus import Corpus
from sim_study.data.prepare import prepare
from sim_study.data.synthetic_speech.kind import SyntheticSpeech
from sim_study.space.spec import Spec


@pytest.fixture(scope="session")
def tiny_corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    config = SyntheticSpeech(train_words=32, test_words=16)
    return prepare(config, tmp_path_factory.mktemp("corpus"))


@pytest.fixture
def tiny_spec() -> Spec:
    return Spec.model_validate(
        {
            "study": "tiny",
            "corpus": {"name": "synthetic-speech", "train_words": 32, "test_words": 16},
            "arms": ["sim"],
            "model": {"channels": 6, "context_channels": 4},
            "objective": {"kld_weight": 1e-3},
            "train": {"epochs": 4, "batch_size": 16, "learning_rate": 1e-3},
            "online_probe": {"every_epochs": 2},
            "seeds": [1],
            "downstream": {
                "probe": {"epochs": 3},
                "metrics": {"permutations": 2},
                "decoders": [{"module": 1, "epochs": 2, "loss": "mse", "sounds": 1}],
            },
        }
    )


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "runs"
