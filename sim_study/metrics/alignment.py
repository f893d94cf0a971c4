"""Does a code put its factors on its axes? A value between random rotations and an aligned twin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim_study.naming.quantity import Quantity

TWINS = 3
"""Aligned twins that a ceiling is the mean of."""
CLEARLY = 5.0
"""Spreads of the rotated values by which the ceiling must lie above their mean, for there to be
anything between them: so the alignment of a code whose axes mean nothing scatters by at most 0.2.
On 60 layers of finished studies, each turned at random, DCI completeness' alignment is 0.00 +- 0.08
(largest 0.32), disentanglement's -0.01 +- 0.10, InfoC's -0.01 +- 0.06, MIG's 0.02 +- 0.19, and
InfoM's, where it is read at all, 0.04 +- 0.29."""


@dataclass(frozen=True)
class Alignment:
    """Where a value lies between what random rotations of the code read and an aligned twin.

    Args:
        rotated: Mean over rotations.
        spread: Standard deviation over rotations, with one degree of freedom less.
        ceiling: Mean over aligned twins.
        alignment: (value - rotated) / (ceiling - rotated); None where the ceiling is not clearly
            better than rotations (`CLEARLY`), or the code does not tell the factor at all.
    """

    rotated: float
    spread: float
    ceiling: float
    alignment: float | None

    @classmethod
    def of(
        cls,
        value: float,
        rotated: Sequence[float],
        ceilings: Sequence[float],
        *,
        higher_is_better: bool,
        is_told: bool,
    ) -> Alignment:
        """Compare a value with those of rotations, at least two, and of twins.

        Args:
            value: Of the code.
            rotated: Of each of its rotations.
            ceilings: Of each of its twins.
            higher_is_better: Direction of the quantity.
            is_told: Whether the code tells the factor, or all factors, by more than chance.
        """
        mean, spread = float(np.mean(rotated)), float(np.std(rotated, ddof=1))
        ceiling = float(np.mean(ceilings))
        room = ceiling - mean
        clear = (room if higher_is_better else -room) > max(CLEARLY * spread, 1e-9)
        return cls(mean, spread, ceiling, (value - mean) / room if clear and is_told else None)


def alignments(
    quantities: Mapping[str, Quantity],
    values: Mapping[str, float],
    rotated: Sequence[Mapping[str, float]],
    twins: Sequence[Mapping[str, float]],
    told: Mapping[str, bool],
) -> dict[str, Alignment]:
    """Return the alignment of every value whose quantity claims one.

    Args:
        quantities: By the first part of a key.
        values: By `quantity` or `quantity/target`.
        rotated: The same of each rotation.
        twins: The same of each twin.
        told: By factor, whether the code tells it by more than chance. A value of no factor needs
            all of them: a code that lost one tells the others alone.
    """
    found = {}
    for key, value in values.items():
        quantity, _, target = key.partition("/")
        if quantities[quantity].aligned:
            found[key] = Alignment.of(
                value,
                [one[key] for one in rotated],
                [one[key] for one in twins],
                higher_is_better=quantities[quantity].better == "higher",
                is_told=told[target] if target in told else all(told.values()),
            )
    return found
