"""What a study is about and who won, in `study.json`: written by the engine, read by anybody."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

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
