"""The view `scatter`: the three strongest dimensions in space, from two sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from mpl_toolkits.mplot3d import Axes3D  # noqa: F401  (registers the projection)

from sim_study.metrics.label_weights import heaviest_dimensions
from sim_study.naming.result_keys import layer_title
from sim_study.views.points import Mark, class_marks, draw_points, level_marks, rest_note
from sim_study.views.scene import Scene, View
from sim_study.views.style import Drawn, legend_below, style

CAPTION = (
    "Test clips (or frames) in the three dimensions to which the probe gives most weight, in "
    "deviations from the mean over the training part; above and below are the same points, turned "
    "by a quarter. Clouds that come apart: three dimensions are enough to tell these labels."
)

ANGLES = ((22, -60), (22, 30))
"""Elevation and azimuth in degrees; a quarter turn apart."""


def scatters(scene: Scene) -> Iterator[Drawn]:
    """Draw every target's points, a column a layer that has three dimensions."""
    for target, of_target in scene.probes.items():
        probes = {layer: one for layer, one in of_target.items() if one.codes.shape[1] >= 3}
        if not probes:
            continue
        strongest = {
            layer: tuple(map(int, heaviest_dimensions(one.standard_weight)[:3]))
            for layer, one in probes.items()
        }
        points = {layer: one.codes[:, strongest[layer]] for layer, one in probes.items()}
        labels = {layer: one.labels for layer, one in probes.items()}
        classes = scene.trial.classes(target)
        marks = class_marks(classes, next(iter(labels.values())))
        yield Drawn(
            target,
            f"The three strongest dimensions for the {target}",
            CAPTION + rest_note(classes, marks),
            draw_scatter(points, strongest, labels, marks),
        )


VIEW = View("Three dimensions in space", scatters)


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
