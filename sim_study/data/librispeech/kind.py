"""The corpus librispeech, as the project knows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from rich.table import Table

from sim_study.config.identity import content_hash
from sim_study.data.amounts import CorpusAmounts
from sim_study.data.audio import RATE_HZ
from sim_study.data.corpus import Corpus
from sim_study.data.description import Description, file_sha256
from sim_study.data.kind import CorpusFacts, CorpusKind
from sim_study.data.loudness import UTTERANCE_LEVEL_DB, LevelledSettings
from sim_study.data.progress import Report

FORMAT_VERSION = 1
"""Raised when the same recipe gives another corpus, so that no old folder is taken for it."""


class LibriSpeech(LevelledSettings):
    """Read English speech in LibriSpeech's layout, with phone labels of the CPC papers' form."""

    name: Literal["librispeech"] = "librispeech"
    root: Path | None = Field(
        None,
        description="Folder that holds LibriSpeech/<subset>/<speaker>/<chapter>/<id>.flac, or "
        "the folder LibriSpeech itself.",
    )
    pretrain: tuple[str, ...] = Field(
        (),
        description="Subsets that encoders learn from, such as train-clean-100; those of the test "
        "split are left out. Empty: the training split.",
    )
    train_split: Path | None = Field(
        None,
        description="Text file, an utterance's id a line. Default: labels/train_split.txt below "
        "the root; without it, four fifths of each speaker's (labelled) utterances.",
    )
    test_split: Path | None = Field(
        None,
        description="The same for testing. Default: labels/test_split.txt below the root; "
        "without it, the last fifth of each speaker's (labelled) utterances.",
    )
    phones: Path | None = Field(
        None,
        description="Text file, `id p1 p2 ...` a line, one phone's number every 10 ms. Default: "
        "labels/converted_aligned_phones.txt below the root; without it, there are no phones.",
    )
    phone_names: Path | None = Field(
        None,
        description="Text file, `NAME number` a line, counting from 0. Default: labels/phones.txt "
        "below the root; without it, phones are called 0 to 40.",
    )
    clip_samples: int = Field(
        20_480,
        ge=160,
        multiple_of=160,
        description="Length of the clips that utterances are cut into for speaker probes and "
        "decoders; shorter utterances are left out.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.train_split is None) != (self.test_split is None):
            raise ValueError("train_split and test_split: give both or neither")
        repeated = sorted({name for name in self.pretrain if self.pretrain.count(name) > 1})
        if repeated:
            raise ValueError(f"pretrain: each must be named once; repeated: {', '.join(repeated)}")
        return self


class LibriSpeechKind(CorpusKind[LibriSpeech]):
    """Hours of read speech: streamed into shards, learnt from in crops."""

    settings = LibriSpeech
    facts = CorpusFacts(
        targets=("phone", "speaker"),
        factors=("phone", "speaker"),
        probed=("phone", "speaker"),
        online="speaker",
        measured=("phone", "speaker"),
        needs_crops=True,
        where_phones="name a label file as corpus.phones, or ask for speaker alone",
    )
    needs = "corpus.root, a local copy of some subsets; `fetch` gets them"
    counted_as = "utterances"
    resumable = True
    expected_within = 0.35
    """Short, damaged and unlabelled utterances are expected too."""
    subsets = ("train-clean-100",)
    licence = "CC BY 4.0"

    def shortest_samples(self, settings: LibriSpeech, *, labelled: bool) -> int:
        """Return the length below which utterances are left out, which is also a clip's."""
        return settings.clip_samples

    def recipe(self, settings: LibriSpeech) -> dict[str, object]:
        """Return the sounds by subset and name, size and time of change, and texts by content.

        Adding subsets that are not used changes nothing.
        """
        from sim_study.data.librispeech.selection import select

        selection = select(settings)
        sounds = [
            [sound.subset, sound.id, stat.st_size, stat.st_mtime_ns]
            for sound in selection.sounds
            if (stat := sound.path.stat())
        ]
        return {
            "name": self.name,
            "format": FORMAT_VERSION,
            "rate_hz": RATE_HZ,
            "clip_samples": settings.clip_samples,
            "pretrain": sorted(settings.pretrain),
            "sounds": content_hash(sounds, length=64),
            **settings.level_recipe(UTTERANCE_LEVEL_DB),
            **{
                key: None if path is None else file_sha256(path)
                for key, path in selection.places.texts.items()
            },
        }

    def expected(self, settings: LibriSpeech) -> CorpusAmounts:
        """Count files, and guess their clips from a few headers."""
        from sim_study.data.librispeech.worklist import expected

        return expected(settings)

    def make(
        self, settings: LibriSpeech, recipe: dict[str, object], folder: Path, report: Report
    ) -> Description:
        """Decode every utterance into shards; what is whole is kept."""
        from sim_study.data.librispeech.stream import stream

        return stream(settings, recipe, folder, report)

    def open(self, description: Description, folder: Path) -> Corpus:
        """Open the folder; shards are mapped when they are asked for."""
        from sim_study.data.librispeech.corpus import LibriSpeechCorpus

        return LibriSpeechCorpus(self.name, description.fingerprint, folder)

    def inspect(self, corpus: Corpus, figure: Path | None) -> Iterable[Table]:
        """Draw utterances with their phones; tabulate hours, speakers and what is missing."""
        from sim_study.data.librispeech.corpus import LibriSpeechCorpus
        from sim_study.data.librispeech.figure import draw_utterances
        from sim_study.data.librispeech.tables import tables

        assert isinstance(corpus, LibriSpeechCorpus)
        if figure is not None:
            draw_utterances(corpus, figure)
        return tables(corpus)

    def fetch(self, root: Path, subsets: Sequence[str], report: Report) -> None:
        """Download subsets from the public archive; an interrupted download is taken up."""
        from sim_study.data.librispeech.fetch import LABELS, fetch_librispeech

        fetch_librispeech(root, subsets, report)
        report(LABELS.format(folder=root / "labels"))


KIND = LibriSpeechKind()
