"""A trial at work: how far it is, and its pace."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from sim_study.study.plan.planned import PlannedTrial


@dataclass
class Running:
    """A trial at work.

    Args:
        planned: The trial.
        since: `time.monotonic()` at its start, in seconds.
        step: Epochs done.
        steps: Epochs to do; 0 when the stage has none.
        metrics: The latest value of each key.
        first: Epochs done at the first report, and when that was, in seconds; None before it.
        last: When the latest report was, in seconds.
    """

    planned: PlannedTrial
    since: float
    step: int = 0
    steps: int = 0
    metrics: dict[str, float] = field(default_factory=dict)
    first: tuple[int, float] | None = None
    last: float = 0.0

    @property
    def elapsed(self) -> float:
        """Seconds since it started."""
        return time.monotonic() - self.since

    def seconds_left(self) -> float | None:
        """Estimate from the pace between the first report and the latest; None before two."""
        if self.first is None or self.step <= self.first[0]:
            return None
        pace = (self.last - self.first[1]) / (self.step - self.first[0])
        return max(0.0, pace * (self.steps - self.step) - (time.monotonic() - self.last))
