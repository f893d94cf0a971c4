"""The corpus librispeech, as the project knows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim_study.config.identity import content_hash
from sim_study.data.audio import RATE_HZ
from sim_study.data.description import file_sha256
from sim_study.data.kind import CorpusFacts, CorpusKind
from sim_study.data.librispeech.settings import LibriSpeech

if TYPE_CHECKING:
    from rich.table import Table

    from sim_study.data.amounts import CorpusAmounts
    from sim_study.data.corpus import Corpus
    from sim_study.data.description import Description
    from sim_study.data.progress import Report

FORMAT_VERSION = 1
"""Raised when the same recipe gives another corpus, so that no old folder is taken for it."""


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
        places = selection.places
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
            "train_split": _content(places.train_split),
            "test_split": _content(places.test_split),
            "phones": _content(places.phones),
            "phone_names": _content(places.phone_names),
        }

    def expected(self, settings: LibriSpeech) -> CorpusAmounts:
        """Count files, and guess their clips from a few headers."""
        from sim_study.data.librispeech.expected import expected

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

    def inspect(self, corpus: Corpus, figure: Path) -> Iterable[Table]:
        """Draw utterances with their phones; tabulate hours, speakers and what is missing."""
        from sim_study.data.librispeech.corpus import LibriSpeechCorpus
        from sim_study.data.librispeech.figure import draw_utterances
        from sim_study.data.librispeech.tables import tables

        assert isinstance(corpus, LibriSpeechCorpus)
        draw_utterances(corpus, figure)
        return tables(corpus)

    def fetch(self, root: Path, subsets: Sequence[str], report: Report) -> None:
        """Download subsets from the public archive; an interrupted download is taken up."""
        from sim_study.data.librispeech.fetch import LABELS, fetch_librispeech

        fetch_librispeech(root, subsets, report)
        report(LABELS.format(folder=root / "labels"))


def _content(path: Path | None) -> str | None:
    return None if path is None else file_sha256(path)


KIND = LibriSpeechKind()
