"""Which dimensions carry a label: probe weights of arms side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim_study.views.layers import layer_order, layer_title
from sim_study.views.style import style

Weights = Mapping[str, NDArray[np.float64]]
"""By layer: (label, dim), in units of the score per standard deviation of the feature."""


def rescale(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide each label's weights by their largest magnitude.

    Stretching smallest and largest weight to -1 and 1 would colour weights that carry nothing.

    Args:
        weights: (label, dim).

    Returns:
        (label, dim) within [-1, 1]; zero stays zero, and so does a label without weights.
    """
    largest = np.abs(weights).max(axis=1, keepdims=True)  # (label, 1)
    return weights / np.where(largest > 0, largest, 1.0)


def sort_dimensions(weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Order dimensions by the label they carry, strongest first within a label.

    Args:
        weights: (label, dim), rescaled.

    Returns:
        (dim,) indices.
    """
    magnitude = np.abs(weights)
    carried = magnitude.argmax(axis=0)  # (dim,) label
    return np.lexsort((-magnitude.max(axis=0), carried)).astype(np.int64)


@style
def draw_probe_weights(
    columns: Sequence[tuple[str, Weights]], target: str, classes: Sequence[str] = ()
) -> Figure | None:
    """Draw heatmaps, a row of panels a layer, a column an encoder.

    Args:
        columns: (title, weights by layer) of each encoder.
        target: What the probes read out, for the axis.
        classes: Names of the labels; empty: their numbers.

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
    image = None
    for line, layer in enumerate(layers):
        for column, (title, weights) in enumerate(columns):
            panel = axes[line, column]
            panel.grid(visible=False)
            if layer not in weights:
                panel.set_axis_off()
                continue
            scaled = rescale(weights[layer])
            image = panel.imshow(
                scaled[:, sort_dimensions(scaled)],
                aspect="auto",
                cmap="RdBu_r",
                vmin=-1,
                vmax=1,
                interpolation="nearest",
            )
            if classes:
                panel.set_yticks(range(len(scaled)), classes)
            else:
                panel.set_yticks(range(0, len(scaled), 1 if len(scaled) <= 4 else 2))
            if line == 0:
                panel.set_title(title)
            if column == 0:
                panel.set_ylabel(f"{layer_title(layer)}\n{target}")
            if line == len(layers) - 1:
                panel.set_xlabel("latent dimension, sorted")
    if image is not None:
        bar = figure.colorbar(image, ax=list(axes.flat), shrink=0.7, aspect=30, pad=0.01)
        bar.set_label("share in the score / largest of its label")
        bar.outline.set_visible(False)
    return figure
