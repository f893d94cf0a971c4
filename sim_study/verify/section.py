"""One part of a golden file, compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

Arrays = Mapping[str, np.ndarray]
"""A golden file's arrays by key; axes are the reference's."""

TOLERANCE = 1e-9
"""Largest relative difference that counts as agreement, in float64."""


@dataclass(frozen=True)
class Section:
    """The outcome for one part of a golden file.

    Args:
        name: Such as "sim/forward".
        difference: Largest relative difference over the section's arrays; None: not covered.
        worst: Key of the array with that difference; for a section not covered, the reason.
        arrays: Number of arrays compared.
    """

    name: str
    difference: float | None
    worst: str = ""
    arrays: int = 0

    @property
    def verdict(self) -> str:
        """Agrees, differs or not covered."""
        if self.difference is None:
            return "not covered"
        return "agrees" if self.difference <= TOLERANCE else "differs"


def relative_difference(ours: np.ndarray, golden: np.ndarray) -> float:
    """Return max |ours - golden| / max |golden| over an array (any shape).

    It is inf for a wrong shape or a value that is not finite. The scale is the array's largest
    magnitude: a single element may pass through zero.
    """
    ours, golden = np.asarray(ours, dtype=np.float64), np.asarray(golden, dtype=np.float64)
    if ours.shape != golden.shape or not (np.isfinite(ours).all() and np.isfinite(golden).all()):
        return float("inf")
    if golden.size == 0:
        return 0.0
    scale = float(np.abs(golden).max())
    return float(np.abs(ours - golden).max()) / (scale if scale > 0 else 1.0)


def under(prefix: str, arrays: Arrays) -> dict[str, np.ndarray]:
    """Return the arrays whose keys start with `prefix`, by the rest of their keys."""
    return {
        key.removeprefix(prefix): array for key, array in arrays.items() if key.startswith(prefix)
    }


def compare(name: str, ours: Arrays, golden: Arrays) -> Section:
    """Compare arrays by key; a key that only one side has counts as an infinite difference."""
    differences = {
        key: relative_difference(ours[key], golden[key])
        if key in ours and key in golden
        else float("inf")
        for key in sorted({*ours, *golden})
    }
    if not differences:
        return Section(name, float("inf"), "no arrays found")
    worst = max(differences, key=lambda key: differences[key])
    return Section(name, differences[worst], worst, len(differences))
