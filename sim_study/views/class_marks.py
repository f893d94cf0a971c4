"""A colour and a marker for every class, told apart by everyone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

FEW = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe and Ito's palette (2008), without the yellow that white swallows."""
MANY = (
    "#332288",
    "#88CCEE",
    "#44AA99",
    "#117733",
    "#999933",
    "#DDCC77",
    "#CC6677",
    "#882255",
    "#AA4499",
    "#000000",
)
"""Paul Tol's muted palette (2018) and black."""
MARKERS = "os^DvPX<>*"
REST_COLOUR = "#D5D5D5"


class Mark(NamedTuple):
    """How one class is drawn."""

    name: str
    colour: str
    marker: str


def class_marks(classes: Sequence[str], labels: np.ndarray) -> dict[int, Mark]:
    """Give the most frequent classes a colour and a marker each.

    More than ten colours cannot be told apart, so with more classes the rest stays grey.

    Args:
        classes: Their names.
        labels: (sample,) int64, what is drawn.

    Returns:
        By class index, in the order of the classes.
    """
    counts = np.bincount(labels, minlength=len(classes))
    shown = sorted(np.argsort(-counts, kind="stable")[: len(MANY)].tolist())
    shown = [index for index in shown if counts[index]]
    colours = FEW if len(shown) <= len(FEW) else MANY
    return {
        index: Mark(classes[index], colours[rank], MARKERS[rank])
        for rank, index in enumerate(shown)
    }


def rest_note(classes: Sequence[str], marks: dict[int, Mark]) -> str:
    """Say how many classes are not told apart; empty when all are."""
    if len(marks) >= len(classes):
        return ""
    return f" Only the {len(marks)} most frequent of {len(classes)} classes are in colour."
