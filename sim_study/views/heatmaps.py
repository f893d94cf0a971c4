"""Heatmaps of probe weights: of one probe, large, or of several encoders side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from sim_study.metrics.label_weights import by_label_carried
from sim_study.naming.result_keys import layer_order, layer_title
from sim_study.views.style import style

Weights = Mapping[str, np.ndarray]
"""By layer: (label, dim) within [-1, 1]."""

NAMED_DIMENSIONS = 64
"""So many dimensions can have their number below them."""
NAMED_LABELS = 60


@style
def heatmap_grid(
    columns: Sequence[tuple[str, Weights]], target: str, classes: Sequence[str], scale: str
) -> Figure | None:
    """Draw heatmaps of several encoders, a row of panels a layer, a column an encoder.

    Args:
        columns: (title, weights by layer) of each encoder.
        target: What the probes read out, for the axis.
        classes: Names of the labels; empty: their numbers.
        scale: What the colours mean.

    Returns:
        The figure; None when there are no weights.
    """
    layers = sorted({layer for _, weights in columns for layer in weights}, key=layer_order)
    if not layers:
        return None
    labels = max(len(array) for _, weights in columns for array in weights.values())
    height = 0.75 + 0.13 * labels
    figure = Figure(
        figsize=(2.6 * len(columns) + 1.2, height * len(layers) + 0.7), layout="constrained"
    )
    axes = figure.subplots(len(layers), len(columns), squeeze=False)
    for line, layer in enumerate(layers):
        for column, (title, weights) in enumerate(columns):
            panel = axes[line, column]
            if layer not in weights:
                panel.set_axis_off()
                continue
            order = by_label_carried(weights[layer])
            image = _heatmap(panel, weights[layer][:, order], classes)
            if line == 0:
                panel.set_title(title)
            if column == 0:
                panel.set_ylabel(f"{layer_title(layer)}\n{target}")
            if line == len(layers) - 1:
                panel.set_xlabel("place of the dimension, sorted")
    _colour_bar(figure, image, list(axes.flat), scale)
    return figure


@style
def heatmap(
    weights: np.ndarray, order: np.ndarray, classes: Sequence[str], title: str, scale: str
) -> Figure:
    """Draw the weights of one probe, large, with the numbers of the dimensions.

    Args:
        weights: (label, dim) within [-1, 1].
        order: (dim,) dimensions from left to right.
        classes: Names of the labels.
        title: Above the heatmap.
        scale: What the colours mean.
    """
    labels, dimensions = weights.shape
    size = min(max(4.5, 0.19 * dimensions + 2.2), 13.0), min(1.6 + 0.16 * labels, 11.0)
    figure = Figure(figsize=size, layout="constrained")
    panel = figure.subplots()
    image = _heatmap(panel, weights[:, order], classes if labels <= NAMED_LABELS else ())
    if dimensions <= NAMED_DIMENSIONS:
        panel.set_xticks(range(dimensions), [str(one) for one in order], rotation=90, fontsize=7)
    panel.set_xlabel("latent dimension, by the label it carries most")
    panel.set_title(title, loc="left")
    _colour_bar(figure, image, [panel], scale)
    return figure


def _heatmap(panel: Axes, weights: np.ndarray, classes: Sequence[str]) -> AxesImage:
    panel.grid(visible=False)
    image = panel.imshow(
        weights, aspect="auto", cmap="RdBu_r", vmin=-1, vmax=1, interpolation="nearest"
    )
    if classes:
        panel.set_yticks(range(len(weights)), classes)
        if len(classes) > 12:
            panel.tick_params(axis="y", labelsize=7)
    else:
        panel.set_yticks(range(0, len(weights), max(1, len(weights) // 5)))
    return image


def _colour_bar(figure: Figure, image: AxesImage, panels: list[Axes], scale: str) -> None:
    bar = figure.colorbar(image, ax=panels, shrink=0.7 if len(panels) > 1 else 1.0, aspect=30)
    bar.set_label(scale)
    bar.outline.set_visible(False)
