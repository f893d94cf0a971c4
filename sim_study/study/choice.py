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
        ranked += [sorted(front, key=lambda name: -gains[name][0]) for front in fronts(gains)]
    return ranked


def fronts(gains: Mapping[str, Sequence[float]]) -> list[list[str]]:
    """Return non-dominated fronts, best first; every gain counts upwards."""
    left = list(gains)
    found = []
    while left:
        front = [n for n in left if not any(_dominates(gains[o], gains[n]) for o in left)]
        found.append(front)
        left = [name for name in left if name not in front]
    return found


def _dominates(a: Sequence[float], b: Sequence[float]) -> bool:
    return all(x >= y for x, y in zip(a, b, strict=True)) and tuple(a) != tuple(b)
