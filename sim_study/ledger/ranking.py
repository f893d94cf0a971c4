"""Which configurations of an arm are best: by mean over seeds, never by the luckiest seed."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

Values = Sequence[Sequence[float]]
"""(objective, seed) final values of one configuration."""


def ranked_fronts(
    scores: Mapping[str, Values], expected: int, maximize: Sequence[bool]
) -> list[list[str]]:
    """Return configurations from best to worst, in groups that no objective order settles.

    Configurations with all their replicates come before those that lost some, and those before
    the ones that lost all: a mean over fewer seeds is not the same measurement. With one
    objective every group holds equal means; with several it is a non-dominated front (Deb et al.
    2002, NSGA-II, section III.A), ordered by the first objective. Equal configurations keep the
    order they came in.

    Args:
        scores: Values by configuration.
        expected: Replicates a configuration should have.
        maximize: For each objective, whether more is better.
    """
    groups: dict[int, list[str]] = {}
    for name, values in scores.items():
        count = len(values[0]) if values else 0
        groups.setdefault(0 if count >= expected else 1 if count else 2, []).append(name)
    ranked = []
    for group in sorted(groups):
        names = groups[group]
        if group == 2:
            ranked.append(names)
            continue
        gains = {
            name: tuple(
                statistics.fmean(of_seeds) * (1 if up else -1)
                for of_seeds, up in zip(scores[name], maximize, strict=True)
            )
            for name in names
        }
        ranked += fronts(gains)
    return ranked


def fronts(gains: Mapping[str, Sequence[float]]) -> list[list[str]]:
    """Return non-dominated fronts, best first; every gain counts upwards.

    Within a front the first gain falls; of equal ones the order is that of `gains`.

    Names are taken in falling order of their gains, so that none is dominated by a later one, and
    each joins the first front that does not dominate it, found by bisection: a name that a front
    dominates is dominated by every front before (Zhang et al. 2015, ENS-BS). One objective takes
    n log n comparisons.
    """
    found: list[list[str]] = []
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
