"""The corpora that benchmarks learn from: the paper's recordings where they are at hand."""

from __future__ import annotations

import os
from pathlib import Path

from sim_study.data.artificial_speech.kind import ArtificialSpeech
from sim_study.data.corpus import Corpus
from sim_study.data.prepare import prepare
from sim_study.data.synthetic_speech.kind import SyntheticSpeech

OUTPUT = Path("runs")
"""Where studies keep their prepared corpora, too."""
RECORDINGS = Path(
    os.environ.get("SIM_STUDY_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
)


def real_or_synthetic() -> tuple[Corpus, str]:
    """Return artificial speech, or as many synthetic words, and the corpus' name for a case."""
    root = RECORDINGS / "artificial-speech"
    if root.is_dir():
        return prepare(ArtificialSpeech(root=root), OUTPUT, print), "artificial-speech"
    return synthetic(train_words=727, test_words=120), "synthetic-speech of that size"


def synthetic(train_words: int, test_words: int) -> Corpus:
    """Return spoken words."""
    return prepare(SyntheticSpeech(train_words=train_words, test_words=test_words), OUTPUT, print)
