"""Which configurations of an arm are best: by mean over seeds, never by the luckiest seed."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

Values = Sequence[Sequence[float]]
"""(objective, seed) final values of one configuration; none where no seed has finished."""

Name = TypeVar("Name", str, int)

WHOLE, PARTIAL, NONE = range(3)


class Merit(NamedTuple):
    """What a configuration is ranked by: this, and among equals the order of proposal.

    Args:
        finished: WHOLE where all its replicates have finished, PARTIAL where some have: a mean
            over fewer seeds is not the same measurement. NONE comes last.
        gains: Means over the finished seeds, one for each objective, turned so that more is
            better; zeros where there is none.
    """

    finished: int
    gains: tuple[float, ...]

    @property
    def place(self) -> tuple[int, float]:
        """Sorts the best first, as far as the first objective settles it."""
        return self.finished, -self.gains[0]


def merit_of(values: Values, expected: int, maximize: Sequence[bool]) -> Merit:
    """Return what a configuration with these values is ranked by; see `ranked_fronts`."""
    count = len(values[0]) if values else 0
    if not count:
        return Merit(NONE, (0.0,) * len(maximize))
    signed = zip(means(values), maximize, strict=True)
    gains = tuple(mean if up else -mean for mean, up in signed)
    return Merit(WHOLE if count >= expected else PARTIAL, gains)


def means(values: Values) -> list[float]:
    """Return the mean over the finished seeds for each objective."""
    return [statistics.fmean(of_seeds) for of_seeds in values]


def ranked_fronts(
    scores: Mapping[str, Values], expected: int, maximize: Sequence[bool]
) -> list[list[str]]:
    """Return configurations from best to worst, in groups that no objective order settles.

    Configurations with all their replicates come before those that lost some, and those before
    the ones that lost all. With one objective every group holds equal means; with several it is a
    non-dominated front (Deb et al. 2002, NSGA-II, section III.A), ordered by the first objective.
    Equal configurations keep the order they came in.

    Args:
        scores: Values by configuration, in order of proposal.
        expected: Replicates a configuration should have.
        maximize: For each objective, whether more is better.
    """
    merits = {name: merit_of(values, expected, maximize) for name, values in scores.items()}
    ranked = []
    for finished in (WHOLE, PARTIAL, NONE):
        gains = {name: one.gains for name, one in merits.items() if one.finished == finished}
        ranked += fronts(gains)
    return ranked


class Leader:
    """Keeps the first of `ranked_fronts` while values come in, without ranking all anew.

    All configurations are compared only when the leader's own values change or another equals it.

    Args:
        expected: Replicates a configuration should have.
        maximize: For each objective, whether more is better.
    """

    def __init__(self, expected: int, maximize: Sequence[bool]) -> None:
        self._expected = expected
        self._maximize = maximize
        self._merits: dict[int, Merit] = {}
        self.first: int | None = None
        """Number of the leading configuration; None before a seed has finished."""

    def scored(self, number: int, values: Values) -> None:
        """Take all values so far of a configuration, by its order of proposal, into account."""
        merit = merit_of(values, self._expected, self._maximize)
        if merit.finished == NONE:
            return
        self._merits[number] = merit
        if self.first is None or merit.place < self._merits[self.first].place:
            self.first = number
        elif number == self.first or merit.place == self._merits[self.first].place:
            self.first = self._best()

    def _best(self) -> int:
        top = min(merit.place for merit in self._merits.values())
        equal = {n: merit.gains for n, merit in sorted(self._merits.items()) if merit.place == top}
        return fronts(equal)[0][0]


def fronts(gains: Mapping[Name, Sequence[float]]) -> list[list[Name]]:
    """Return non-dominated fronts, best first; every gain counts upwards.

    Within a front the first gain falls; of equal ones the order is that of `gains`.

    Names are taken in falling order of their gains, so that none is dominated by a later one, and
    each joins the first front that does not dominate it, found by bisection: a name that a front
    dominates is dominated by every front before (Zhang et al. 2015, ENS-BS). One objective takes
    n log n comparisons.
    """
    found: list[list[Name]] = []
    for name in sorted(gains, key=lambda name: [-gain for gain in gains[name]]):
        low, high = 0, len(found)
        while low < high:
            middle = (low + high) // 2
            if any(_dominates(gains[other], gains[name]) for other in reversed(found[middle])):
                low = middle + 1
            else:
                high = middle
        if low == len(found):
            found.append([])
        found[low].append(name)
    place = {name: index for index, name in enumerate(gains)}
    return [sorted(front, key=lambda n: (-gains[n][0], place[n])) for front in found]


def _dominates(a: Sequence[float], b: Sequence[float]) -> bool:
    return all(x >= y for x, y in zip(a, b, strict=True)) and tuple(a) != tuple(b)
