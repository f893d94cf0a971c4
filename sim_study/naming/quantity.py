"""What one measured number means: its name for readers, unit, range, direction, and its tables."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from math import inf
from typing import Literal, NamedTuple

Better = Literal["higher", "lower", "neither"]
Chance = Literal["permuted labels", "independent dimensions", "shuffled clips", "none"]

Family = Literal["accuracy", "entanglement", "dependence", "rate", "reconstruction", "contribution"]
"""In the order of tables and figures: quantities of a family answer one question together."""

Block = Literal[
    "probe accuracy",
    "balanced accuracy",
    "single dimensions",
    "factors",
    "dependence",
    "probe weights",
    "rate",
]
"""Blocks of printed tables, in their order."""

PADDED = " Over whole syllable clips, their silent padding included."
AS_MEASURED = " Of clips, of their thirds or of single frames, as metrics.pooling says."
"""Ends the meaning of what is measured on clips of artificial speech."""


class Headline(NamedTuple):
    """Where a quantity gets a printed table; report, CSV and Parquet hold all quantities.

    Args:
        block: Its block of tables.
        targets: One table each; "" for a quantity without a target.
        alignment: Whether its alignment is printed too.
    """

    block: Block
    targets: tuple[str, ...] = ("",)
    alignment: bool = False


@dataclass(frozen=True)
class Quantity:
    """A quantity that results hold.

    Args:
        title: Its name on an axis or above a column.
        unit: Unit in words; "fraction" is 0-1; empty for a pure number.
        meaning: One sentence for a tooltip or a table's footnote.
        family: Arms are compared by it within this family; "described" is explained beside the
            compared ones, None is in tables only. Has no default: whoever measures something
            decides whether it is compared.
        better: Which direction a study hopes for; neither where a value is only descriptive.
        low: Smallest possible value.
        limit: Largest possible value; None: 1 of a fraction, of anything else infinite.
        chance: What its null draws anew, where it has one: labels of the codes, dimensions of a
            code, or clips of several encoders; none for what has no null.
        headline: Where it is printed; None: nowhere.
        reads_probe_weights: Whether it says on how few dimensions the probe on the sampled code
            rests: nothing, where that probe is at chance.
        aligned: Whether it claims that a code's axes go with factors; it is then held against
            random rotations of the code, which hold as much on other axes.
    """

    title: str
    unit: str
    meaning: str
    _: KW_ONLY
    family: Family | Literal["described"] | None
    better: Better = "neither"
    low: float = 0
    limit: float | None = None
    chance: Chance = "permuted labels"
    headline: Headline | None = None
    reads_probe_weights: bool = False
    aligned: bool = False

    @property
    def label(self) -> str:
        """Title with its unit, for an axis."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    @property
    def high(self) -> float:
        """Largest possible value, possibly infinite."""
        return self.limit if self.limit is not None else 1 if self.unit == "fraction" else inf

    def contains(self, value: float) -> bool:
        """Whether `value` is possible (rounding errors of 1e-9 are forgiven)."""
        return self.low - 1e-9 <= value <= self.high + 1e-9
