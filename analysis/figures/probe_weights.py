"""Which dimensions carry a label: probe weights of arms side by side."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from sim_study.metrics.label_weights import contrasts, of_largest
from sim_study.views.heatmaps import Weights, heatmap_grid


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
        (title, {layer: of_largest(contrasts(array)) for layer, array in weights.items()})
        for title, weights in columns
    ]
    return heatmap_grid(scaled, target, classes, "weight / largest of its label")
