"""Paired differences with their intervals: every layer and metric at one glance."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.statistics.comparison import Comparison, Paired
from analysis.words.quantities import ABOVE_NULL, short_title, unit_of
from sim_study.naming.result_keys import MetricKey, layer_order, layer_title
from sim_study.views.style import style

UNDECIDED = "#8C8C8C"
MARKERS = "osD^vP"
COLUMNS = 3


@style
def draw_forest(comparison: Comparison, colours: tuple[str, str]) -> Figure | None:
    """Draw b - a of every quantity (panels), layer (lines) and target (markers).

    Args:
        comparison: Of two configurations.
        colours: Colours of a and b: an interval without zero takes the colour of the larger side.

    Returns:
        The figure; None when there are no rows.
    """
    rows, names = comparison.rows, (comparison.a.arm, comparison.b.arm)
    if rows.empty:
        return None
    quantities = list(dict.fromkeys(rows["quantity"]))
    # A decoder's target is its loss.
    factors = rows[~rows["family"].isin(("reconstruction", "contribution"))]
    targets = list(dict.fromkeys(target for target in factors["target"] if target))
    markers = {
        **dict.fromkeys(rows["target"], "o"),
        **dict(zip(targets, MARKERS * len(targets), strict=False)),
    }
    lines = -(-len(quantities) // COLUMNS)
    columns = min(COLUMNS, len(quantities))
    figure = Figure(figsize=(3.1 * columns + 0.6, 2.5 * lines + 0.9), layout="constrained")
    axes = figure.subplots(lines, columns, squeeze=False)
    for panel in list(axes.flat)[len(quantities) :]:
        panel.set_axis_off()
    for panel, quantity in zip(axes.flat, quantities, strict=False):
        here = rows[rows["quantity"] == quantity]
        _panel(panel, here, comparison.paired, colours, markers)
        unit = unit_of(quantity)
        above = f"\n{ABOVE_NULL}" if here["above_null"].all() else ""
        panel.set_title(short_title(quantity) + above, loc="left", fontsize=8.5)
        panel.locator_params(axis="x", nbins=4)  # small differences have long labels
        panel.set_xlabel(f"{names[1]} - {names[0]}" + (f" ({unit})" if unit else ""), fontsize=8)
    handles = [
        Line2D([], [], color="#444444", marker=markers[target], linestyle="none", label=target)
        for target in targets
    ]
    for colour, text in (
        (colours[1], f"larger in {names[1]}"),
        (colours[0], f"larger in {names[0]}"),
        (UNDECIDED, "interval contains 0 or unknown"),
    ):
        handles.append(Line2D([], [], color=colour, linewidth=2.5, label=text))
    if (rows["a_at_chance"] | rows["b_at_chance"]).any():
        text = "hollow: a side's probe is at chance"
        handles.append(Line2D([], [], marker="o", mfc="white", mec="#444444", ls="", label=text))
    figure.legend(handles=handles, loc="outside lower center", ncols=min(4, len(handles)))
    return figure


def _panel(
    panel: Axes,
    rows: pd.DataFrame,
    paired: Mapping[MetricKey, Paired],
    colours: tuple[str, str],
    markers: Mapping[str, str],
) -> None:
    layers = sorted(rows["layer"].unique(), key=layer_order)
    targets = list(dict.fromkeys(rows["target"]))
    step = min(0.22, 0.7 / len(targets))
    reach = 0.0
    for _, row in rows.iterrows():
        y = layers.index(row["layer"]) + step * (
            targets.index(row["target"]) - (len(targets) - 1) / 2
        )
        one = paired[MetricKey(row["quantity"], row["target"], row["layer"])]
        seeds = [one.b[seed] - value for seed, value in one.a.items()]
        hollow = row["a_at_chance"] or row["b_at_chance"]
        colour = colours[1] if row["low"] > 0 else colours[0] if row["high"] < 0 else UNDECIDED
        panel.plot([row["low"], row["high"]], [y, y], color=colour, linewidth=2.0, zorder=2)
        panel.plot(seeds, [y] * len(seeds), "|", color=colour, markersize=5, alpha=0.9, zorder=3)
        panel.plot(
            row["difference"],
            y,
            markers[row["target"]],
            color=colour,
            markersize=5.5,
            markerfacecolor="white" if hollow else colour,
            markeredgecolor=colour if hollow else "white",
            markeredgewidth=1.1 if hollow else 0.7,
            zorder=4,
        )
        ends = np.abs([row["low"], row["high"]])
        largest = np.abs(seeds).max() if len(seeds) else 0.0
        reach = max(reach, min(np.nanmax([*ends, 0.0]), 4 * largest), largest)
    panel.axvline(0, color="#444444", linewidth=0.9, zorder=1)
    panel.set_xlim(*(np.array([-1.08, 1.08]) * (reach or 1.0)))
    panel.set_ylim(len(layers) - 0.5, -0.5)
    panel.set_yticks(range(len(layers)), [layer_title(layer) for layer in layers])
    panel.grid(visible=False, axis="y")
