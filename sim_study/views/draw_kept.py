"""Accuracy against the number of dimensions kept."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from sim_study.metrics.measures.dimensions_kept import Kept
from sim_study.naming.layers import layer_title
from sim_study.views.style import NULL_COLOUR, grid_of_panels, legend_below, style

OWN, AT_RANDOM = "#0072B2", "#D55E00"


@style
def draw_kept(found: Mapping[str, Kept], target: str) -> Figure:
    """Draw the curves, a panel a layer.

    Args:
        found: By layer.
        target: What the probes read out, for the axis.
    """
    figure = grid_of_panels(1, len(found), width=2.6, height=2.2)
    axes = figure.subplots(1, len(found), squeeze=False, sharey=True)[0]
    for panel, (layer, one) in zip(axes, found.items(), strict=True):
        numbers = np.arange(1, len(one.accuracy) + 1)
        low, high = np.quantile(one.random, [0.05, 0.95], axis=0)
        panel.fill_between(numbers, low, high, color=AT_RANDOM, alpha=0.18, linewidth=0)
        panel.plot(
            numbers,
            one.random.mean(axis=0),
            color=AT_RANDOM,
            linestyle="--",
            label="random order (mean, 5 to 95 %)",
        )
        panel.plot(numbers, one.accuracy, color=OWN, label="heaviest weights first")
        panel.axhline(one.chance, color=NULL_COLOUR, linestyle=":", label="chance")
        if one.reads:
            panel.axhline(
                one.goal, color="#444444", linewidth=0.8, label="90 % of what is above chance"
            )
            panel.axvline(one.needed, color=OWN, linewidth=0.8, linestyle=":")
        panel.set_xscale("log", base=2)
        ticks = [2**power for power in range(int(np.log2(len(numbers))) + 1)]
        panel.set_xticks(ticks, [str(tick) for tick in ticks])
        panel.minorticks_off()
        panel.set_xlabel("dimensions kept")
        counts = f"{one.needed} of {len(numbers)} keep 90 %, at random {one.needed_at_random:.0f}"
        panel.set_title(f"{layer_title(layer)}\n{counts if one.reads else 'at chance'}")
    axes[0].set_ylabel(f"accuracy, {target} (fraction)")
    legend_below(figure, list(axes), columns=2 if len(found) < 3 else 4)
    return figure
