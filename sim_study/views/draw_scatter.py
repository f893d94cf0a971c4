"""The three strongest dimensions in space, from two sides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from mpl_toolkits.mplot3d import Axes3D  # noqa: F401  (registers the projection)

from sim_study.naming.layers import layer_title
from sim_study.views.class_marks import Mark
from sim_study.views.draw_points import draw_points, level_marks
from sim_study.views.style import legend_below, style

ANGLES = ((22, -60), (22, 30))
"""Elevation and azimuth in degrees; a quarter turn apart."""


@style
def draw_scatter(
    points: Mapping[str, np.ndarray],
    dimensions: Mapping[str, tuple[int, ...]],
    labels: Mapping[str, np.ndarray],
    marks: Mapping[int, Mark],
) -> Figure:
    """Draw test codes, a column a layer, a row a point of view.

    Args:
        points: By layer: (sample, 3).
        dimensions: By layer: the three dimensions.
        labels: By layer: (sample,) int64.
        marks: Colours and markers of the classes told apart.
    """
    figure = Figure(figsize=(3.1 * len(points), 6.2))
    panels: list[Any] = []
    for row, (elevation, azimuth) in enumerate(ANGLES):
        for column, (layer, codes) in enumerate(points.items()):
            place = row * len(points) + column + 1
            panel: Any = figure.add_subplot(len(ANGLES), len(points), place, projection="3d")
            panel.computed_zorder = False  # else a class hides others as a whole, grey ones too
            draw_points(panel, codes, labels[layer], marks)
            panel.view_init(elevation, azimuth)
            for axis, dimension in zip("xyz", dimensions[layer], strict=True):
                getattr(panel, f"set_{axis}label")(f"dim. {dimension}", labelpad=-8)
            panel.tick_params(labelsize=6, pad=-3)
            panel.locator_params(nbins=4)
            if row == 0:
                panel.set_title(layer_title(layer))
            panels.append(panel)
    figure.subplots_adjust(left=0.01, right=0.96, top=0.96, bottom=0.1, wspace=0.1, hspace=0.0)
    level_marks(legend_below(figure, panels, columns=6))
    return figure
