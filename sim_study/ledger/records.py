"""What the ledger holds: points of a curve, results, members and proposals of a study."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim_study.config.strict import Strict
from sim_study.config.trial import Stage

Status = Literal["finished", "diverged", "failed"]
Role = Literal["search", "confirm"]
Settings = dict[str, bool | int | float | str | list[int]]
"""An arm's searched settings by dotted key, such as {"objective.kld_weight": 0.01}."""


class Point(Strict):
    """Everything a trial reported at one step.

    Args:
        step: Epoch, counted from 0 (before the first update).
        time_ms: Milliseconds since the Unix epoch.
        metrics: Values by key: `quantity/layer` or `quantity/target/layer`.
    """

    step: int = Field(ge=0)
    time_ms: int
    metrics: dict[str, float]


class Result(Strict):
    """How a trial ended.

    Args:
        status: finished; diverged (a deterministic dead end, not tried again); failed (tried
            again when the study is run again).
        reason: Why it did not finish; empty when it did.
        by_user: Whether the reason is something the user can put right (a damaged file, a full
            disk).
        metrics: Final values by key, as in `Point`.
        seconds: Time the attempt that ended it took, in seconds.
        started_ms, ended_ms: Milliseconds since the Unix epoch.
        machine: Host, processor and library versions.
    """

    status: Status
    reason: str = ""
    by_user: bool = False
    metrics: dict[str, float] = Field(default_factory=dict)
    seconds: float = 0.0
    started_ms: int = 0
    ended_ms: int = 0
    machine: dict[str, str] = Field(default_factory=dict)

    @property
    def is_final(self) -> bool:
        """Whether running the trial again could not change the outcome."""
        return self.status != "failed"


class Member(Strict):
    """A trial's place in a study.

    Args:
        trial_id: The trial.
        arm: Name of the arm.
        number: The configuration's number within its arm, in order of proposal, from 0.
        config_hash: Hash of the *encoder* configuration, also for downstream stages.
        stage: The trial's stage.
        seed: The trial's seed.
        role: search (took part in choosing the configuration) or confirm (seeds never searched).
        source: Trial id of the encoder that a downstream trial examines.
        settings: What the search chose for it.
    """

    trial_id: str
    arm: str
    number: int
    config_hash: str
    stage: Stage
    seed: int
    role: Role = "search"
    source: str | None = None
    settings: Settings = Field(default_factory=dict)


class DrawnProposal(Strict):
    """A configuration that a search has drawn, so that a later run need not draw it again.

    Args:
        search: Hash of all that the search's draws depend on.
        number: Order of proposal within the search, from 0.
        settings: What was drawn.
    """

    search: str
    number: int
    settings: Settings
