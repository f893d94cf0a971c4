"""Corpora prepared once for all the tests of this room."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from sim_study.data.artificial_speech.kind import ArtificialSpeech
from sim_study.data.corpus import Corpus
from sim_study.data.librispeech.kind import LibriSpeech
from sim_study.data.prepare import prepare
from sim_study.data.synthetic_speech.kind import SyntheticSpeech


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


TREE_CLIP_SAMPLES = 1_600
TREE_PHONES = ("SIL", "AA", "B")


class Tree:
    """A LibriSpeech of noise: two speakers of five utterances, and a third one's two.

    Speakers 11 and 12 (subset dev) have labels and splits, speaker 13 (subset train) has none.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.labels = root / "labels"
        self.labels.mkdir(parents=True)
        self.sounds: dict[str, np.ndarray] = {}
        rng = np.random.default_rng(0)
        for subset, speaker, count in (("dev", 11, 5), ("dev", 12, 5), ("train", 13, 2)):
            for number in range(count):
                samples = int(rng.integers(4 * TREE_CLIP_SAMPLES, 6 * TREE_CLIP_SAMPLES))
                sound = rng.integers(-9_000, 9_000, samples).astype(np.int16)
                self.write(subset, f"{speaker}-7-{number:04d}", sound)
        ids = [name for name in self.sounds if not name.startswith("13")]
        self.write_text("train_split.txt", [name for name in ids if name[-1] != "4"])
        self.write_text("test_split.txt", [name for name in ids if name[-1] == "4"])
        self.write_text("phones.txt", [f"{name} {code}" for code, name in enumerate(TREE_PHONES)])
        self.write_text("converted_aligned_phones.txt", [self.line(name) for name in ids])

    def config(self, **settings: object) -> LibriSpeech:
        """The corpus that is prepared from the tree, its samples as they are in the files."""
        usual = {
            "pretrain": ("train",),
            "clip_samples": TREE_CLIP_SAMPLES,
            "normalise": "none",
        }
        return LibriSpeech.model_validate({"root": self.root} | usual | settings)

    def path(self, utterance: str, subset: str = "dev") -> Path:
        """Where an utterance's file is."""
        speaker, chapter, _ = utterance.split("-")
        return self.root / "LibriSpeech" / subset / speaker / chapter / f"{utterance}.flac"

    def write(self, subset: str, utterance: str, sound: np.ndarray, rate_hz: int = 16_000) -> None:
        """Write an utterance (sample,) or (sample, channel)."""
        path = self.path(utterance, subset)
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, sound, rate_hz)
        self.sounds[utterance] = sound

    def line(self, utterance: str, fewer: int = 0) -> str:
        """An utterance's line of the label file, with `fewer` labels than frames."""
        frames = len(self.sounds[utterance]) // 160 - fewer
        return " ".join(
            [utterance, *(str(frame // 5 % len(TREE_PHONES)) for frame in range(frames))]
        )

    def lines(self, name: str) -> list[str]:
        """The lines of a text file below `labels`."""
        return (self.labels / name).read_text(encoding="utf-8").splitlines()

    def write_text(self, name: str, lines: list[str]) -> Path:
        """Write a text file below `labels`."""
        path = self.labels / name
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return path


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "tree")


@pytest.fixture(scope="session")
def slice_of_librispeech(shared_data: Path, prepared_output: Path) -> Corpus:
    root = shared_data / "librispeech-sample"
    as_it_comes = LibriSpeech(root=root, pretrain=("train-clean-100",), normalise="none")
    return prepare(as_it_comes, prepared_output)
