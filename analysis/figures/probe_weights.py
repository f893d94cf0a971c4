"""Which dimensions carry a label: probe weights of arms side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim_study.views.heatmaps import Weights, heatmap_grid


def rescale(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide each label's weights, relative to the mean over labels, by their largest magnitude.

    Stretching smallest and largest weight to -1 and 1 would colour weights that carry nothing, and
    so would what all labels have in common: it is left over from the probe's random start.

    Args:
        weights: (label, dim).

    Returns:
        (label, dim) within [-1, 1]; a label without weights of its own has zeros.
    """
    relative: NDArray[np.float64] = weights - weights.mean(axis=0)
    largest = np.abs(relative).max(axis=1, keepdims=True)  # (label, 1)
    return relative / np.where(largest > 0, largest, 1.0)


def draw_probe_weights(
    columns: Sequence[tuple[str, Weights]], target: str, classes: Sequence[str] = ()
) -> Figure | None:
    """Draw heatmaps, a row of panels a layer, a column an encoder.

    Args:
        columns: (title, weights by layer) of each encoder, in units of the score per standard
            deviation of the feature.
        target: What the probes read out, for the axis.
        classes: Names of the labels; empty: their numbers.

    Returns:
        The figure; None when there are no weights.
    """
    scaled = [
        (title, {layer: rescale(array) for layer, array in weights.items()})
        for title, weights in columns
    ]
    return heatmap_grid(scaled, target, classes, "weight / largest of its label")
