"""What a study is about and who won, in `study.json`: written by the engine, read by anybody."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sim_study.config.primary import PrimaryTest
from sim_study.ledger.damage import STUDY_ANEW, read_record
from sim_study.ledger.ledger import StudyFolder

STUDY_FILE = "study.json"


class ObjectiveFact(BaseModel):
    """A metric that the search drives up or down."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    metric: str
    direction: Literal["maximize", "minimize"] = "maximize"

    @property
    def sign(self) -> int:
        """1 where more is better, else -1."""
        return 1 if self.direction == "maximize" else -1


class StudyFacts(BaseModel):
    """The content of `study.json`; keys that this version does not know are left alone.

    Args:
        name: The study's name.
        question: What it asks, in words.
        corpus: Name, fingerprint and options of the corpus.
        objective: What the search optimised; the first one ranks configurations.
        best: Configuration hash of each arm's winner.
        front: Configuration hashes of all winners of each arm: with several objectives, the front.
        seeds: Search and confirm seeds.
        space: Searched dimensions by dotted key.
        tests: The primary tests that the study is judged by, as its file has them now; None: of a
            version that recorded none.
        tests_first: The tests as they were when the study began.
        ended_before: How many of its trials had ended when these were recorded.
        asked: Words of the command that runs it, after `python -m sim_study.sweep`: the space file
            and what was set; empty where nobody said.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = ""
    question: str = ""
    corpus: dict[str, Any] = Field(default_factory=dict)
    objective: tuple[ObjectiveFact, ...] = ()
    best: dict[str, str] = Field(default_factory=dict)
    front: dict[str, list[str]] = Field(default_factory=dict)
    seeds: dict[str, Any] = Field(default_factory=dict)
    space: dict[str, Any] = Field(default_factory=dict)
    tests: tuple[PrimaryTest, ...] | None = None
    tests_first: tuple[PrimaryTest, ...] | None = None
    ended_before: int = 0
    asked: tuple[str, ...] = ()

    def since(self, earlier: StudyFacts, ended: int) -> StudyFacts:
        """Keep what was recorded when the study began, so that a change of its tests is seen.

        Args:
            earlier: What `study.json` holds.
            ended: How many of the study's trials have ended by now; before any has, tests may
                still be changed.
        """
        if earlier.tests_first is None or not ended:
            return self.model_copy(update={"tests_first": self.tests, "ended_before": ended})
        kept = {"tests_first": earlier.tests_first, "ended_before": earlier.ended_before}
        return self.model_copy(update=kept)

    def write(self, folder: StudyFolder) -> None:
        """Write them beside the study's members, atomically."""
        folder.write(STUDY_FILE, self.model_dump(mode="json"))

    @classmethod
    def read(cls, folder: StudyFolder) -> StudyFacts:
        """Read them; a study that was interrupted before writing them has empty facts.

        Raises:
            UserError: The file is damaged.
        """
        path = folder.path / STUDY_FILE
        return read_record(cls, path, STUDY_ANEW) if path.exists() else cls(name=folder.name)
