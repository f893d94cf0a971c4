"""Tables as CSV, weights also as NPY."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file; numbers with six significant digits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([_cell(value) for value in row] for row in rows)


def write_weights(path: Path, weights: np.ndarray, classes: Sequence[str]) -> None:
    """Write weights as `<path>.npy` and `<path>.csv`.

    Args:
        path: Without ending.
        weights: (dim, label).
        classes: Names of the labels, the columns.
    """
    rows = ([number, *line] for number, line in enumerate(weights))
    write_table(path.with_name(f"{path.name}.csv"), ("dimension", *classes), rows)
    np.save(path.with_name(f"{path.name}.npy"), weights)


def _cell(value: object) -> object:
    return f"{value:.6g}" if isinstance(value, float | np.floating) else value
