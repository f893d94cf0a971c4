"""Points by class, in the plane and in space: colours and markers told apart by everyone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.legend import Legend

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

POINT_AREA = 14.0
"""In square points; a hundredth of a panel holds about 60 of them."""
LEGEND_AREA = 26.0


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


def draw_points(
    panel: Any, points: np.ndarray, labels: np.ndarray, marks: Mapping[int, Mark]
) -> None:
    """Scatter points with the colour and marker of their class.

    Args:
        panel: Axes of as many dimensions as the points have.
        points: (sample, 2 or 3).
        labels: (sample,) int64.
        marks: Of the classes told apart; the rest is grey, behind them.
    """
    rest = ~np.isin(labels, list(marks))
    area = POINT_AREA * min(1.0, (400 / max(1, len(points))) ** 0.5)
    edge = {"linewidths": 0.3, "edgecolors": "white"}
    if rest.any():
        panel.scatter(*points[rest].T, s=area * 0.6, c=REST_COLOUR, label="others", **edge)
    for index, mark in marks.items():
        mine = points[labels == index]
        panel.scatter(*mine.T, s=area, c=mark.colour, marker=mark.marker, label=mark.name, **edge)


def level_marks(legend: Legend | None) -> None:
    """Draw a legend's points equally large, however small those of its panels are."""
    for handle in legend.legend_handles if legend else ():
        if isinstance(handle, PathCollection):
            handle.set_sizes([LEGEND_AREA])
