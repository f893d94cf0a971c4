"""Points by class, in the plane and in space."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.legend import Legend

from sim_study.views.class_marks import REST_COLOUR, Mark

POINT_AREA = 14.0
"""In square points; a hundredth of a panel holds about 60 of them."""
LEGEND_AREA = 26.0


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
