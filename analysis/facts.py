"""What the engine wrote about a study: its question, its objectives, the winners."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sim_study.ledger.ledger import Ledger


class Objective(BaseModel):
    """A metric that the search drives up or down."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    metric: str
    direction: Literal["maximize", "minimize"] = "maximize"


class StudyFacts(BaseModel):
    """The content of `study.json`; keys that this version does not know are left alone.

    Args:
        name: The study's name.
        question: What it asks, in words.
        objective: What the search optimised; the first one ranks configurations.
        best: Configuration hash of each arm's winner.
        corpus: Name, fingerprint and options of the corpus.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = ""
    question: str = ""
    objective: tuple[Objective, ...] = ()
    best: dict[str, str] = Field(default_factory=dict)
    corpus: dict[str, Any] = Field(default_factory=dict)


def read_facts(ledger: Ledger, study: str) -> StudyFacts:
    """Read `study.json`; a study that was interrupted before writing it has empty facts."""
    content = ledger.study(study).read("study.json")
    return StudyFacts(name=study) if content is None else StudyFacts.model_validate(content)
