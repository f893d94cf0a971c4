"""Histograms of latents beside N(0, 1)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim_study.views.distributions import Histogram, histogram, reach
from sim_study.views.style import grid_of_panels, legend_below, style

COLUMNS = 4
COLOURS = {"mean code": "#0072B2", "sampled code": "#D55E00"}


@style
def draw_histograms(codes: Mapping[str, np.ndarray], dimensions: np.ndarray) -> Figure:
    """Draw all dimensions together, then some by themselves.

    Args:
        codes: By kind of code: (frame, dim).
        dimensions: (panel,) those with a panel of their own.
    """
    far = reach(*codes.values())
    count = len(dimensions) + 1
    rows, columns = -(-count // COLUMNS), min(COLUMNS, count)
    figure = grid_of_panels(rows, columns, width=2.2, height=1.6)
    axes = figure.subplots(rows, columns, squeeze=False)
    for panel in axes.flat[count:]:
        panel.set_axis_off()
    titles = ["all dimensions", *(f"dimension {one}" for one in dimensions)]
    for position, (panel, title) in enumerate(zip(axes.flat, titles, strict=False)):
        found = {
            kind: histogram(of_kind[:, dimensions[position - 1]] if position else of_kind, far)
            for kind, of_kind in codes.items()
        }
        _panel(panel, found, far)
        panel.set_title(title, fontweight="bold" if position == 0 else "normal")
    for panel in axes.flat[max(0, count - columns) : count]:  # the lowest of every column
        panel.set_xlabel("latent value")
    for line in axes:
        line[0].set_ylabel("density")
    legend_below(figure, list(axes.flat))
    return figure


def _panel(panel: Axes, found: Mapping[str, Histogram], far: float) -> None:
    for line, (kind, one) in enumerate(found.items()):
        colour = COLOURS.get(kind, "#0072B2")
        panel.stairs(one.density, one.edges, fill=True, color=colour, alpha=0.35)
        panel.stairs(one.density, one.edges, color=colour, linewidth=0.8, label=kind)
        panel.text(
            0.98,
            0.95 - 0.11 * line,
            f"{one.mean:.2g} ± {one.deviation:.2g}",
            transform=panel.transAxes,
            ha="right",
            va="top",
            fontsize=6.5,
            color=colour,
        )
    panel.set_xlim(-far, far)
    x = np.linspace(-far, far, 400)
    prior = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    panel.plot(x, prior, color="black", linewidth=1.0, linestyle="--", label="N(0, 1)")
