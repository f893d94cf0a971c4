"""Final values against a searched setting: the price and the gain of a stronger KL pull."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.arm_colours import arm_colours
from analysis.read.configurations import Configuration
from analysis.read.replicates import has_chance
from analysis.statistics.measured import Measured
from analysis.words.quantities import axis_title
from sim_study.metrics.catalogue import family_of
from sim_study.naming.result_keys import MetricKey, layer_order, layer_title
from sim_study.views.style import NULL_COLOUR, grid_of_panels, legend_below, style


def numeric_settings(configurations: Sequence[Configuration]) -> list[str]:
    """Searched settings with at least two different numbers, each worth a figure."""
    found: dict[str, set[float]] = {}
    for one in configurations:
        for key, value in one.settings.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                found.setdefault(key, set()).add(float(value))
    return [key for key, values in found.items() if len(values) > 1]


@style
def draw_against_setting(
    measured: Sequence[Measured], setting: str, rows: Sequence[tuple[str, str]]
) -> Figure | None:
    """Draw quantities (rows of panels) by layer (columns) against one setting.

    Args:
        measured: All configurations; arms that do not search `setting` become reference lines.
        setting: Dotted key of a numeric searched setting.
        rows: (quantity, target) of each row of panels.

    Returns:
        The figure; None when none of the quantities was reported.
    """
    places = {place for side in measured for place in side.values}
    rows = [row for row in rows if any((p.quantity, p.target) == row for p in places)]
    layers = sorted(
        {place.layer for place in places if (place.quantity, place.target) in rows},
        key=layer_order,
    )
    if not rows:
        return None
    figure = grid_of_panels(len(rows), len(layers))
    axes = figure.subplots(len(rows), len(layers), squeeze=False, sharex=True, sharey="row")
    settings = [side.one.settings for side in measured]
    axis_of = _Scale([given[setting] for given in settings if setting in given])
    colours = arm_colours([side.one for side in measured])
    for line, (quantity, target) in enumerate(rows):
        for column, layer in enumerate(layers):
            panel = axes[line, column]
            place = MetricKey(quantity, target, layer)
            _panel(panel, measured, colours, setting, axis_of, place)
            axis_of.apply(panel)
            if line == 0:
                panel.set_title(layer_title(layer))
            if line == len(rows) - 1:
                panel.set_xlabel(setting.rsplit(".", 1)[-1])
        axes[line, 0].set_ylabel(axis_title(quantity, target))
    legend_below(figure, list(axes.flat))
    return figure


class _Scale:
    """Where a setting's value sits on the x axis: logarithmic when it spans a decade.

    A zero has no logarithm: it gets a place of its own, half a decade left of the smallest value.
    """

    def __init__(self, settings: Sequence[float]) -> None:
        positive = sorted({float(value) for value in settings if value > 0})
        self.values = sorted({float(value) for value in settings})
        self.logarithmic = len(positive) > 1 and positive[-1] / positive[0] >= 10
        self.zero = positive[0] / 10**0.5 if self.logarithmic and 0.0 in self.values else 0.0

    def __call__(self, value: float) -> float:
        return float(value) if value or not self.logarithmic else self.zero

    def apply(self, panel: Axes) -> None:
        if self.logarithmic:
            panel.set_xscale("log")
            if self.zero:
                panel.axvline(self.zero * 10**0.25, color="#CCCCCC", linewidth=0.8)
        if len(self.values) <= 5:
            panel.set_xticks([self(value) for value in self.values])
            panel.set_xticklabels([f"{value:g}" for value in self.values], fontsize=7.5)
            panel.minorticks_off()
        panel.margins(x=0.12)


def _panel(
    panel: Axes,
    measured: Sequence[Measured],
    colours: Mapping[str, str],
    setting: str,
    scale: _Scale,
    place: MetricKey,
) -> None:
    for arm, colour in colours.items():
        found = [_Side(side, place) for side in measured if side.one.arm == arm]
        found = [side for side in found if len(side.numbers)]
        searched = [side for side in found if setting in side.one.settings]
        if searched:
            _points(panel, searched, setting, scale, colour)
        elif found:
            _reference(panel, next((side for side in found if side.one.is_best), found[0]), colour)
    chance = [value for side in measured for value in side.nulls(place)]
    if has_chance(place.quantity) and chance:
        level = float(np.mean(chance))
        panel.axhline(level, color=NULL_COLOUR, linestyle=":", label="chance")


class _Side:
    """One configuration in one panel.

    Attributes:
        one: The configuration.
        numbers: (seed,) values over the seeds that speak for it.
        null: Mean with labels permuted over the same seeds; None without one.
        is_hollow: Whether the probe whose weights are read knows nothing.
    """

    def __init__(self, side: Measured, place: MetricKey) -> None:
        nulls = side.nulls(place) if family_of(place.quantity) == "entanglement" else []
        self.one = side.one
        self.numbers = np.array(side.counted(place))
        self.null = float(np.mean(nulls)) if nulls else None
        self.is_hollow = side.reads_chance(place)


def _points(
    panel: Axes, searched: Sequence[_Side], setting: str, scale: _Scale, colour: str
) -> None:
    searched = sorted(searched, key=lambda side: float(side.one.settings[setting]))
    places = [scale(side.one.settings[setting]) for side in searched]
    arm = searched[0].one.arm
    for x, side in zip(places, searched, strict=True):
        _seeds(panel, x, side, colour, label=f"{arm}, one seed")
    alone = all(len(side.one.settings) == 1 for side in searched)
    panel.plot(
        places,
        [side.numbers.mean() for side in searched],
        "-" if alone else "_",
        color=colour,
        linewidth=1.6,
        markersize=9,
        label=f"{arm}, mean",
        zorder=4,
    )
    levels = zip(places, (side.null for side in searched), strict=True)
    if nulls := [(x, null) for x, null in levels if null is not None]:
        panel.plot(
            *zip(*nulls, strict=True),
            ":" if alone else ".",
            color=colour,
            linewidth=1.4,
            markersize=3,
            label=f"{arm}, labels permuted",
            zorder=2,
        )


def _reference(panel: Axes, side: _Side, colour: str) -> None:
    """At the left edge: these seeds have no such setting."""
    is_untrained = side.one.is_untrained
    arm = "untrained" if is_untrained else side.one.arm
    _seeds(panel, 0.025, side, colour, transform=panel.get_yaxis_transform())
    panel.axhline(
        float(side.numbers.mean()),
        color=colour,
        linestyle="--" if is_untrained else "-",
        linewidth=1.3 if is_untrained else 1.6,
        label=f"{arm}, mean",
    )
    if side.null is not None:
        panel.axhline(
            side.null, color=colour, linestyle=":", linewidth=1.4, label=f"{arm}, labels permuted"
        )
    if len(side.numbers) > 1 and not is_untrained:
        panel.axhspan(
            float(side.numbers.min()),
            float(side.numbers.max()),
            color=colour,
            alpha=0.15,
            linewidth=0,
            label=f"{arm}, range of seeds",
        )


def _seeds(panel: Axes, x: float, side: _Side, colour: str, **options: Any) -> None:
    """One point a seed."""
    panel.plot(
        np.full(len(side.numbers), x),
        side.numbers,
        "o",
        color=colour,
        markersize=4,
        alpha=0.55,
        markerfacecolor="none" if side.is_hollow else colour,
        markeredgewidth=1.0 if side.is_hollow else 0,
        zorder=3,
        **options,
    )
