"""How few dimensions change what is heard: contribution scores against their number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from analysis.figures.arm_colours import arm_colours
from analysis.statistics.measured import Measured
from sim_study.naming.result_keys import MetricKey, layer_order, layer_title
from sim_study.views.style import grid_of_panels, legend_below, style

QUANTITY = "contribution"
TOP = "/top_"


@style
def draw_contribution(measured: Sequence[Measured]) -> Figure | None:
    """Draw a row of panels a decoder loss, a column a layer; x is the number of dimensions.

    Args:
        measured: Whose scores, such as the best of every arm.

    Returns:
        The figure; None when no score was measured.
    """
    places = {place for side in measured for place in side.values if place.quantity == QUANTITY}
    losses = sorted({place.target.split(TOP)[0] for place in places})
    layers = sorted({place.layer for place in places}, key=layer_order)
    if not places:
        return None
    figure = grid_of_panels(len(losses), len(layers), width=2.9, height=2.3)
    axes = figure.subplots(len(losses), len(layers), squeeze=False, sharey=True)
    colours = arm_colours([side.one for side in measured])
    for row, loss in zip(axes, losses, strict=True):
        for panel, layer in zip(row, layers, strict=True):
            counts = sorted(
                int(place.target.split(TOP)[1])
                for place in places
                if place.layer == layer and place.target.startswith(f"{loss}{TOP}")
            )
            for side in measured:
                one, curves = side.one, _by_seed(side, loss, layer, counts)
                if not len(curves):
                    continue
                x, colour = counts, colours[one.arm]
                if one.model is not None:  # all dimensions: the other clip itself
                    x = [*counts, one.model.channels]
                    curves = np.pad(curves, ((0, 0), (0, 1)))
                panel.plot(x, curves.T, color=colour, alpha=0.35, linewidth=0.8)
                panel.plot(
                    x, curves.mean(axis=0), "o-", color=colour, markersize=3.5, label=one.label
                )
            panel.axhline(1, color="#A0A0A0", linestyle=":")
            panel.set_xscale("log", base=2)
            drawn = {int(x) for line in panel.lines[:-1] for x in line.get_xdata()}
            panel.set_xticks(sorted(drawn), [str(count) for count in sorted(drawn)])
            panel.set_ylim(bottom=0)
            panel.set_title(layer_title(layer))
            panel.set_xlabel("dimensions taken from the other clip")
        row[0].set_ylabel(f"remaining error, fraction\n({loss})")
    legend_below(figure, list(axes.flat))
    return figure


def _by_seed(side: Measured, loss: str, layer: str, counts: Sequence[int]) -> np.ndarray:
    """Scores (seed, count) of a configuration; no rows when it has none there."""
    places = [MetricKey(QUANTITY, f"{loss}{TOP}{count}", layer) for count in counts]
    columns = [side.counted(place) for place in places]
    return np.array(columns).T if columns and all(columns) else np.zeros((0, len(counts)))
