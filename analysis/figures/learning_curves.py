"""Learning curves per module: one thin line a seed, colour by configuration."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from analysis.figures.arm_colours import configuration_colours
from analysis.read.configurations import Configuration
from analysis.words.quantities import axis_title
from sim_study.naming.result_keys import layer_order, layer_title
from sim_study.views.style import grid_of_panels, legend_below, style

CURVES = ("nce", "kl_nats", "online")
"""Quantities drawn, one row of panels each."""

Array = NDArray[np.float64]


@style
def draw_learning_curves(
    configurations: Sequence[Configuration], curves: pd.DataFrame
) -> Figure | None:
    """Draw InfoNCE, KL and online accuracy of every module over the epochs.

    Args:
        configurations: Those to draw.
        curves: A `curve_table`.

    Returns:
        The figure; None when no encoder has reported anything.
    """
    drawn = curves[
        (curves["stage"] == "encoder")
        & curves["quantity"].isin(CURVES)
        & (curves["layer"] != "mean")
        & curves["config_hash"].isin([one.config_hash for one in configurations])
    ]
    if drawn.empty:
        return None
    present = drawn[["quantity", "target"]].drop_duplicates().itertuples(index=False)
    rows = sorted(present, key=lambda row: (CURVES.index(row.quantity), row.target))
    layers = sorted(drawn["layer"].unique(), key=layer_order)
    figure = grid_of_panels(len(rows), len(layers))
    axes = figure.subplots(len(rows), len(layers), squeeze=False, sharex=True, sharey="row")
    colours = configuration_colours(configurations)
    lines = _by_configuration(drawn)
    for line, (quantity, target) in enumerate(rows):
        for column, layer in enumerate(layers):
            panel = axes[line, column]
            for one in configurations:
                colour = colours[one.label]
                for steps, values in lines.get((quantity, target, layer, *one.key), ()):
                    if one.is_untrained:
                        panel.axhline(
                            values[0],
                            color=colour,
                            linestyle="--",
                            linewidth=0.8,
                            alpha=0.8,
                            label="untrained",
                        )
                        continue
                    panel.plot(
                        steps, values, color=colour, linewidth=0.9, alpha=0.85, label=one.label
                    )
            if not panel.lines:
                panel.text(
                    0.5, 0.5, "none", ha="center", color="#999999", transform=panel.transAxes
                )
            if line == 0:
                panel.set_title(layer_title(layer))
            if line == len(rows) - 1:
                panel.set_xlabel("epoch")
        axes[line, 0].set_ylabel(axis_title(quantity, target))
    legend_below(figure, list(axes.flat))
    return figure


def _by_configuration(drawn: pd.DataFrame) -> dict[tuple[str, ...], list[tuple[Array, Array]]]:
    """(step,) steps and values of every seed, by quantity, target, layer and configuration."""
    names = ["quantity", "target", "layer", "arm", "config_hash"]
    found: dict[tuple[str, ...], list[tuple[Array, Array]]] = {}
    for (*place, _), rows in drawn.groupby([*names, "seed"]):
        line = rows["step"].to_numpy(), rows["value"].to_numpy()
        found.setdefault(tuple(map(str, place)), []).append(line)
    return found
