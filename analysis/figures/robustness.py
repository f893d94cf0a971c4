"""How well probes of clean clips read louder, quieter and noisy ones: curves with intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.arm_colours import arm_colours
from analysis.read.configurations import Configuration, finished_runs
from analysis.read.runs import Run
from analysis.statistics.intervals import mean_interval
from sim_study.ledger.robustness_file import CLEAN, RobustnessPoint, read_robustness
from sim_study.naming.result_keys import layer_order, layer_title
from sim_study.views.style import grid_of_panels, legend_below, style

AXES = {
    "gain": "dB louder",
    "white": "dB above white noise",
    "babble": "dB above babble",
}
"""Kinds of perturbation, a column each, with what is on their axis."""


@style
def draw_robustness(runs: Sequence[Run], sides: Sequence[Configuration]) -> Figure | None:
    """Draw a row of panels a target and layer, a column a kind of perturbation.

    Args:
        runs: Trials of the study.
        sides: Configurations to draw, such as the best of every arm.

    Returns:
        The figure; None when no probe trial was asked for perturbed clips.
    """
    found = {one.key: _by_seed(runs, one) for one in sides}
    points = [point for of_one in found.values() for of_seed in of_one for point in of_seed]
    if not points:
        return None
    places = sorted(
        {(one.target, one.layer) for one in points}, key=lambda of: (of[0], layer_order(of[1]))
    )
    figure = grid_of_panels(len(places), len(AXES), width=2.6, height=1.7)
    axes = figure.subplots(len(places), len(AXES), squeeze=False, sharey="row")
    colours = arm_colours(sides)
    for row, place in zip(axes, places, strict=True):
        for panel, (kind, title) in zip(row, AXES.items(), strict=True):
            for one in sides:
                _draw(panel, found[one.key], place, kind, colours[one.arm], one.label)
            panel.set_xlabel(title)
        row[0].set_ylabel(f"{place[0]}\n{layer_title(place[1])}")
    legend_below(figure, list(axes.flat))
    return figure


def _by_seed(runs: Sequence[Run], one: Configuration) -> list[list[RobustnessPoint]]:
    """Points of each encoder of a configuration whose seed counts."""
    probes = finished_runs(runs, one, "probe")
    counted = [run for run in probes if run.encoder.seed in one.counted_seeds]
    return [read_robustness(run.folder.artifacts) for run in counted]


def _draw(
    panel: Axes,
    seeds: Sequence[Sequence[RobustnessPoint]],
    place: tuple[str, str],
    kind: str,
    colour: str,
    label: str,
) -> None:
    """One side's mean over seeds with its 95 % interval; of gain, clean clips lie at 0 dB."""
    levels: dict[float, list[float]] = {}
    clean: list[float] = []
    for of_seed in seeds:
        for point in of_seed:
            if (point.target, point.layer) != place:
                continue
            if point.kind == CLEAN:
                clean.append(point.accuracy)
            elif point.kind == kind:
                levels.setdefault(point.level_db, []).append(point.accuracy)
    if kind == "gain" and clean:
        levels[0.0] = clean
    if not levels:
        return
    at = sorted(levels)
    means = [mean_interval(levels[level]) for level in at]
    panel.plot(at, [one.mean for one in means], "o-", color=colour, markersize=3, label=label)
    low, high = (np.array([getattr(one, end) for one in means]) for end in ("low", "high"))
    panel.fill_between(at, low, high, color=colour, alpha=0.15, linewidth=0)
    if kind != "gain" and clean:
        panel.axhline(float(np.mean(clean)), color=colour, linestyle=":", linewidth=0.8)
    panel.set_ylim(0, 1.02)
