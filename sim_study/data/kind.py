"""The contract of a corpus: everything the project asks of it, in one record.

A corpus is a folder of this room whose `kind.py` names its record KIND, and a line in
`data/corpora.py`. Every space file builds the records, so what is heavy (sound files, Arrow,
figures) is imported inside their methods.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from rich.table import Table

from sim_study.config.metrics import Factor
from sim_study.config.probe import Pooling
from sim_study.config.strict import Strict
from sim_study.data.amounts import CorpusAmounts
from sim_study.data.corpus import Corpus
from sim_study.data.description import Description
from sim_study.data.progress import Report
from sim_study.errors import Problem, UserError
from sim_study.naming.targets import Target

PROGRESS = "progress"
"""Folder in which a resumable preparation notes what is whole; it goes when everything is."""


class CorpusSettings(Strict):
    """The section `corpus` of a space file; a corpus' own narrows `name` to a literal."""

    name: str


Settings = TypeVar("Settings", bound=CorpusSettings)


@dataclass(frozen=True)
class CorpusFacts:
    """What can be asked of a corpus, and what a study of it asks unless told otherwise.

    Args:
        targets: What a probe, online too, can read and a supervised encoder learn.
        factors: What metrics can tell apart.
        probed: The targets of a study that names none.
        online: The online probe's and a supervised encoder's target in such a study.
        measured: The factors of a study that names none.
        pooled: What probes of whole clips read in such a study, online too.
        measured_in: What metrics are measured in, in such a study.
        needs_crops: Whether encoders learn from recordings of many lengths, not from clips of one.
        where_phones: What to do where a corpus with target phone is given no phone labels.
    """

    targets: tuple[Target, ...]
    factors: tuple[Factor, ...]
    probed: tuple[Target, ...]
    online: Target
    measured: tuple[Factor, ...]
    pooled: Pooling = "mean"
    measured_in: Pooling = "mean"
    needs_crops: bool = False
    where_phones: str = ""


class CorpusKind(ABC, Generic[Settings]):
    """A corpus: its settings, what it has labels for, how it is got, prepared, opened and shown."""

    settings: type[Settings]
    facts: CorpusFacts
    needs: str
    """What a user must have first, in one line."""
    counted_as: str = "clips"
    """What its files' counts are counts of."""
    layout: int = 1
    """Raised when its files come to hold more that follows from the same content; a folder of an
    earlier layout is made anew, with the same fingerprint."""
    resumable: bool = False
    """Whether an interrupted preparation is continued rather than begun anew."""
    expected_within: float = 0.0
    """How far counts of clips that are expected may be from those prepared, as a fraction."""
    subsets: tuple[str, ...] = ()
    """The parts that `fetch` gets unless others are named; empty: it comes as a whole."""
    licence: str = ""
    """Of what `fetch` gets; empty: there is nothing to fetch."""

    @property
    def name(self) -> str:
        """What space files call it."""
        return str(self.settings.model_fields["name"].default)

    @abstractmethod
    def shortest_samples(self, settings: Settings, *, labelled: bool) -> int:
        """Return the length that every clip or recording has at least that encoders learn from.

        Args:
            settings: Of the corpus.
            labelled: Of the labelled clips, which a supervised encoder learns from.
        """

    @abstractmethod
    def recipe(self, settings: Settings) -> dict[str, object]:
        """Return everything that the prepared corpus is made from, as plain values, its name too.

        Equal recipes, equal corpora; local files count by relative path, size and time of change
        or by content, so that moving the folder as a whole changes nothing.

        Raises:
            UserError: A local folder is missing.
        """

    @abstractmethod
    def expected(self, settings: Settings) -> CorpusAmounts:
        """Return how much the corpus will hold, before it is prepared.

        Raises:
            UserError: The corpus is not there, or nothing is in it to learn from.
        """

    @abstractmethod
    def make(
        self, settings: Settings, recipe: dict[str, object], folder: Path, report: Report
    ) -> Description:
        """Write the corpus' files into a folder and describe them.

        Args:
            settings: Of the corpus.
            recipe: Goes into the description.
            folder: New and empty; of a resumable kind what an interruption left, which need not
                exist and must not before the input is checked.
            report: Called with a line about what is being done.

        Raises:
            UserError: Everything that is wrong with the input, at once.
            OSError: The disk is full or the folder cannot be written.
        """

    @abstractmethod
    def open(self, description: Description, folder: Path) -> Corpus:
        """Open the corpus that a folder holds; nothing is read yet."""

    @abstractmethod
    def inspect(self, corpus: Corpus, figure: Path | None) -> Iterable[Table]:
        """Tabulate what a prepared corpus holds; draw examples to a PNG file where one is named."""

    def fetch(self, root: Path, subsets: Sequence[str], report: Report) -> None:
        """Get the corpus into a folder, where there is a network.

        Args:
            root: The folder.
            subsets: The parts of it, where it has any.
            report: Called with a line about what is being done.

        Raises:
            UserError: It cannot be had.
        """
        raise UserError(Problem(self.name, "needs no fetching", hint="`prepare` makes it"))
