"""The view `decision`: what a probe decides over the plane of its two strongest dimensions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.colors import ListedColormap, to_rgb
from matplotlib.figure import Figure

from sim_study.metrics.label_weights import heaviest_dimensions
from sim_study.naming.result_keys import layer_title
from sim_study.views.points import (
    REST_COLOUR,
    Mark,
    class_marks,
    draw_points,
    level_marks,
    rest_note,
)
from sim_study.views.scene import Scene, View
from sim_study.views.shown_probe import ShownProbe
from sim_study.views.style import Drawn, grid_of_panels, legend_below, style

CAPTION = (
    "Regions: what the probe decides along its two strongest dimensions when all others are held "
    "at their mean; points: test clips (or frames), coloured by their true label. Above each "
    "panel: how much of the test part these two dimensions alone get right, and how much all do. "
    "Points inside their own colour show what two dimensions can tell. 0 is the mean over the "
    "training part, 1 its deviation: a cloud far from 0 means that the test part differs from it."
)

GRID = 200
"""Points a side at which the decision is taken."""
MARGIN = 0.08
"""Room around the clips, as a fraction of their range."""
PALE = 0.72
"""How much white regions are mixed with, so that points stand out."""


def decisions(scene: Scene) -> Iterator[Drawn]:
    """Draw every target's decisions, a panel a layer."""
    for target, probes in scene.probes.items():
        planes = {layer: decision_plane(one) for layer, one in probes.items()}
        drawable = {layer: plane for layer, plane in planes.items() if plane is not None}
        if not drawable:
            continue
        classes = scene.trial.classes(target)
        labels = {layer: probes[layer].labels for layer in drawable}
        marks = class_marks(classes, next(iter(labels.values())))
        yield Drawn(
            target,
            f"Decisions about the {target} over two dimensions",
            CAPTION + rest_note(classes, marks),
            draw_decision(drawable, labels, classes, marks),
        )


VIEW = View("What two dimensions decide", decisions)


class Plane(NamedTuple):
    """A probe's decisions where all but two dimensions are held at their mean.

    Args:
        dimensions: The two strongest, along x and y.
        x: (point,) values of the first, in deviations from its mean over the training part.
        y: (point,) values of the second, likewise.
        decided: (y, x) int64, the label at each point.
        points: (sample, 2) test codes, likewise.
        accuracy: Of the test codes with these two dimensions alone, fraction 0-1.
        whole: With all dimensions.
        chance: With none: of always naming the most frequent label.
    """

    dimensions: tuple[int, int]
    x: np.ndarray
    y: np.ndarray
    decided: np.ndarray
    points: np.ndarray
    accuracy: float
    whole: float
    chance: float


def decision_plane(probe: ShownProbe) -> Plane | None:
    """Take a probe's decisions over its two strongest dimensions; None where there is only one."""
    weight, bias = probe.standard_weight, probe.standard_bias
    if weight.shape[1] < 2:
        return None
    codes = probe.codes  # (sample, dim)
    first, second = map(int, heaviest_dimensions(weight)[:2])
    pair = [first, second]
    points = codes[:, pair]  # (sample, 2)
    x, y = (_axis(points[:, column]) for column in range(2))
    plane = np.stack(np.meshgrid(x, y), axis=-1)  # (y, x, 2)
    decided = (plane @ weight[:, pair].T + bias).argmax(axis=-1)  # (y, x)
    two = (points @ weight[:, pair].T + bias).argmax(axis=1)
    return Plane(
        dimensions=(first, second),
        x=x,
        y=y,
        decided=decided,
        points=points,
        accuracy=float(np.mean(two == probe.labels)),
        whole=probe.accuracy,
        chance=probe.chance,
    )


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


def _axis(values: np.ndarray) -> np.ndarray:
    low, high = float(values.min()), float(values.max())
    room = MARGIN * ((high - low) or 1.0)
    return np.linspace(low - room, high + room, GRID)


def _pale(colour: str) -> tuple[float, float, float]:
    red, green, blue = (part * (1 - PALE) + PALE for part in to_rgb(colour))
    return red, green, blue
