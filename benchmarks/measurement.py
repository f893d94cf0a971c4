"""One measured number, and how timings are taken so that load hits all sides alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Goal:
    """What a number should reach.

    Args:
        law: On which side of `value` the number should lie.
        value: In the measurement's unit.
    """

    law: Literal["at most", "at least"]
    value: float

    def reached(self, value: float) -> bool:
        """Say whether `value` keeps the law."""
        return value <= self.value if self.law == "at most" else value >= self.value


@dataclass(frozen=True)
class Measurement:
    """One number of one section's table: a row is a case, a column a quantity.

    Args:
        section: The module of `benchmarks` that took it.
        case: What was measured, such as `sim, 64 channels, fp32`.
        quantity: Such as `step`, `reference step`, `ratio`.
        value: In `unit`.
        unit: `s`, `ms`, `MB`, `x`, `fraction`, `count` ...
        goal: Where there is one.
    """

    section: str
    case: str
    quantity: str
    value: float
    unit: str
    goal: Goal | None = None


def seconds_of(act: Callable[[], object]) -> float:
    """Return how long `act` takes, in seconds."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def alternate(acts: Sequence[Callable[[], object]], repeats: int) -> list[float]:
    """Return the median time of each act, in seconds; they take turns `repeats` times.

    Every act runs once beforehand, untimed: the first run also allocates.
    """
    for act in acts:
        act()
    times: list[list[float]] = [[] for _ in acts]
    for _ in range(repeats):
        for act, of_act in zip(acts, times, strict=True):
            of_act.append(seconds_of(act))
    return [statistics.median(of_act) for of_act in times]
