"""What one measured number means: its name for readers, unit, range and better direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Better = Literal["higher", "lower", "neither"]
Chance = Literal["permuted labels", "independent dimensions", "shuffled clips", "none"]

PADDED = " Over whole syllable clips, their silent padding included."
"""Ends the meaning of what is measured on clips of artificial speech."""


@dataclass(frozen=True)
class Quantity:
    """A quantity that results hold.

    Args:
        title: Its name on an axis or above a column.
        unit: Unit in words; "fraction" is 0-1; empty for a pure number.
        low: Smallest possible value.
        high: Largest possible value, possibly infinite.
        better: Which direction a study hopes for; neither where a value is only descriptive.
        meaning: One sentence for a tooltip or a table's footnote.
        chance: What its null tears apart, where it has one: codes and labels, dimensions of a
            code, or codes of several encoders; none where nothing of that changes it.
    """

    title: str
    unit: str
    low: float
    high: float
    better: Better
    meaning: str
    chance: Chance = "permuted labels"

    @property
    def label(self) -> str:
        """Title with its unit, for an axis."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    def contains(self, value: float) -> bool:
        """Whether `value` is possible (rounding errors of 1e-9 are forgiven)."""
        return self.low - 1e-9 <= value <= self.high + 1e-9
