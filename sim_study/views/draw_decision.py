"""What a probe decides over its two strongest dimensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.colors import ListedColormap, to_rgb
from matplotlib.figure import Figure

from sim_study.naming.layers import layer_title
from sim_study.views.class_marks import REST_COLOUR, Mark
from sim_study.views.decision import Plane
from sim_study.views.draw_points import draw_points, level_marks
from sim_study.views.style import grid_of_panels, legend_below, style

PALE = 0.72
"""How much white regions are mixed with, so that points stand out."""


@style
def draw_decision(
    planes: Mapping[str, Plane],
    labels: Mapping[str, np.ndarray],
    classes: Sequence[str],
    marks: Mapping[int, Mark],
) -> Figure:
    """Draw regions of decision and the test clips, a panel a layer.

    Args:
        planes: By layer.
        labels: By layer: (sample,) int64, of the points.
        classes: Names of all classes.
        marks: Colours and markers of the classes told apart.
    """
    columns = min(2, len(planes))
    figure = grid_of_panels(-(-len(planes) // columns), columns, width=3.6, height=3.1)
    axes = figure.subplots(-(-len(planes) // columns), columns, squeeze=False)
    colours = ListedColormap(
        [_pale(marks[i].colour if i in marks else REST_COLOUR) for i in range(len(classes))]
    )
    for panel in axes.flat[len(planes) :]:
        panel.set_axis_off()
    for panel, (layer, plane) in zip(axes.flat, planes.items(), strict=False):
        panel.grid(visible=False)
        panel.pcolormesh(
            plane.x,
            plane.y,
            plane.decided,
            cmap=colours,
            vmin=-0.5,
            vmax=len(classes) - 0.5,
            shading="nearest",
            rasterized=True,
        )
        draw_points(panel, plane.points, labels[layer], marks)
        first, second = plane.dimensions
        panel.set_xlabel(f"dimension {first} (deviations from its mean)")
        panel.set_ylabel(f"dimension {second} (deviations)")
        panel.set_title(
            f"{layer_title(layer)}\nright: these two {plane.accuracy:.0%}, all {plane.whole:.0%}, "
            f"chance {plane.chance:.0%}"
        )
    level_marks(legend_below(figure, list(axes.flat), columns=6))
    return figure


def _pale(colour: str) -> tuple[float, float, float]:
    red, green, blue = (part * (1 - PALE) + PALE for part in to_rgb(colour))
    return red, green, blue
