"""Final values against a searched setting: the price and the gain of a stronger KL pull."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.configurations import UNTRAINED, Configuration
from analysis.figures.style import NULL_COLOUR, arm_colours, grid_of_panels, legend_below, style
from analysis.metric_key import MetricKey, layer_order, layer_title
from analysis.quantities import axis_title
from analysis.replicates import ByPlace, null_place

Values = dict[tuple[str, str], ByPlace]
"""By (arm, configuration hash): what `values_by_seed` returns."""


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
    configurations: Sequence[Configuration],
    values: Values,
    setting: str,
    rows: Sequence[tuple[str, str]],
) -> Figure | None:
    """Draw quantities (rows of panels) by layer (columns) against one setting.

    Args:
        configurations: All of the study; arms that do not search `setting` become reference lines.
        values: Final values by configuration.
        setting: Dotted key of a numeric searched setting.
        rows: (quantity, target) of each row of panels.

    Returns:
        The figure; None when none of the quantities was reported.
    """
    places = {place for by_place in values.values() for place in by_place}
    rows = [row for row in rows if any((p.quantity, p.target) == row for p in places)]
    layers = sorted(
        {place.layer for place in places if (place.quantity, place.target) in rows},
        key=layer_order,
    )
    if not rows:
        return None
    figure = grid_of_panels(len(rows), len(layers))
    axes = figure.subplots(len(rows), len(layers), squeeze=False, sharex=True, sharey="row")
    axis_of = _Scale([one.settings[setting] for one in configurations if setting in one.settings])
    for line, (quantity, target) in enumerate(rows):
        for column, layer in enumerate(layers):
            panel = axes[line, column]
            _panel(
                panel, configurations, values, setting, axis_of, MetricKey(quantity, target, layer)
            )
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
    configurations: Sequence[Configuration],
    values: Values,
    setting: str,
    scale: _Scale,
    place: MetricKey,
) -> None:
    colours = arm_colours(configurations)
    for arm, colour in colours.items():
        mine = [one for one in configurations if one.arm == arm]
        found = [(one, _counted(one, values, place)) for one in mine]
        found = [(one, numbers) for one, numbers in found if len(numbers)]
        if not found:
            continue
        searched = [(one, numbers) for one, numbers in found if setting in one.settings]
        if searched:
            _points(panel, searched, setting, scale, colour)
        else:
            numbers = next((n for one, n in found if one.is_best), found[0][1])
            _reference(panel, arm, numbers, colour, is_untrained=found[0][0].method == UNTRAINED)
    nulls = [
        value
        for by_place in values.values()
        for value in by_place.get(null_place(place), {}).values()
    ]
    if nulls:
        level = float(np.mean(nulls))
        panel.axhline(level, color=NULL_COLOUR, linestyle=":", label="chance or labels permuted")


def _points(
    panel: Axes,
    searched: list[tuple[Configuration, np.ndarray]],
    setting: str,
    scale: _Scale,
    colour: str,
) -> None:
    arm = searched[0][0].arm
    for one, numbers in searched:
        x = np.full(len(numbers), scale(one.settings[setting]))
        panel.plot(
            x,
            numbers,
            "o",
            color=colour,
            markersize=4,
            alpha=0.55,
            markeredgewidth=0,
            label=f"{arm}, one seed",
            zorder=3,
        )
    searched = sorted(searched, key=lambda pair: pair[0].settings[setting])
    alone = all(len(one.settings) == 1 for one, _ in searched)
    means_at = [scale(one.settings[setting]) for one, _ in searched]
    panel.plot(
        means_at,
        [numbers.mean() for _, numbers in searched],
        "-" if alone else "_",
        color=colour,
        linewidth=1.6,
        markersize=9,
        label=f"{arm}, mean",
        zorder=4,
    )


def _reference(
    panel: Axes, arm: str, numbers: np.ndarray, colour: str, *, is_untrained: bool
) -> None:
    mean = float(numbers.mean())
    panel.plot(
        np.full(len(numbers), 0.025),  # at the left edge: these seeds have no such setting
        numbers,
        "o",
        color=colour,
        markersize=4,
        alpha=0.55,
        markeredgewidth=0,
        transform=panel.get_yaxis_transform(),
        zorder=3,
    )
    if is_untrained:
        panel.axhline(mean, color=colour, linestyle="--", linewidth=1.3, label="untrained, mean")
        return
    panel.axhline(mean, color=colour, linewidth=1.6, label=f"{arm}, mean")
    if len(numbers) > 1:
        panel.axhspan(
            float(numbers.min()),
            float(numbers.max()),
            color=colour,
            alpha=0.15,
            linewidth=0,
            label=f"{arm}, range of seeds",
        )


def _counted(one: Configuration, values: Values, place: MetricKey) -> np.ndarray:
    by_seed = values[one.arm, one.config_hash].get(place, {})
    return np.array([by_seed[seed] for seed in one.counted_seeds if seed in by_seed])
