"""Measurements as arrays and as tables of files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from sim_study.ledger.files import csv_text
from sim_study.metrics.contract import Alignment, Measurement

Measurements = Mapping[str, Sequence[Measurement]]
"""By place: a layer, or target and layer."""

COLUMNS = (
    "place", "metric", "quantity", "target", "value", "null", "null_spread", "null_p95",
    "train_samples", "test_samples", "permutations", "rotated", "rotated_spread", "ceiling",
    "alignment", "rotations",
)  # fmt: skip


def rows(measurements: Measurements) -> Iterator[dict[str, str | float | int]]:
    """Yield one row a value, with the columns of `COLUMNS`, which are empty for what it has not."""
    for place, of_place in measurements.items():
        for one in of_place:
            for key, value in one.values.items():
                quantity, _, target = key.partition("/")
                null = one.nulls.get(key)
                chance = null if null is not None else ("", "", "")
                cells = (place, one.metric, quantity, target, value, *chance)
                counts = (one.train_samples, one.test_samples, one.permutations)
                aligned = _alignment_cells(one.alignments.get(key))
                cells = (*cells, *counts, *aligned, one.rotations)
                yield dict(zip(COLUMNS, cells, strict=True))


def _alignment_cells(one: Alignment | None) -> tuple[str | float, ...]:
    if one is None:
        return ("",) * 4
    between = "" if one.alignment is None else one.alignment
    return one.rotated, one.spread, one.ceiling, between


def values_table(measurements: Measurements) -> str:
    """Return every value beside its null, as CSV."""
    return csv_text([COLUMNS, *(row.values() for row in rows(measurements))])


def parts_table(measurements: Measurements, factors: Sequence[str]) -> str:
    """Return what every dimension has to do with every factor, as CSV.

    Args:
        measurements: By place.
        factors: The factors of all of them; their columns are sorted by name.

    Returns:
        Columns place, metric, part, dimension (as the encoder numbers them), of (the factor, or
        the label's number for probe weights; empty where the part has no factors), value; without
        rows for inactive dimensions.
    """
    lines = [("place", "metric", "part", "dimension", "of", "value")]
    names = sorted(factors)
    for place, of_place in measurements.items():
        for one in of_place:
            for part, array in one.by_dimension.items():
                columns = array[:, None] if array.ndim == 1 else array
                heads = _heads(one, array, names)
                for dimension, row in enumerate(columns):
                    lines += [
                        (place, one.metric, part, str(dimension), head, f"{value:.6g}")
                        for head, value in zip(heads, row, strict=True)
                        if np.isfinite(value)
                    ]
    return csv_text(lines)


def _heads(one: Measurement, array: np.ndarray, factors: list[str]) -> list[str]:
    if array.ndim == 1:
        return [""]
    return factors if one.by_factor else [str(label) for label in range(array.shape[1])]


def part_arrays(measurements: Measurements) -> dict[str, np.ndarray]:
    """Return every part by `{place}/{metric}/{part}`."""
    return {
        f"{place}/{one.metric}/{part}": array
        for place, of_place in measurements.items()
        for one in of_place
        for part, array in {**one.by_dimension, **one.by_factor}.items()
    }
