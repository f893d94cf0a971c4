"""One table a headline quantity: every configuration with what it reads when it knows nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.read.configurations import Configuration
from analysis.read.replicates import has_chance
from analysis.report.grid import MANY_COLUMNS, Grid
from analysis.statistics.intervals import mean_interval
from analysis.statistics.measured import MARK, Measured
from analysis.statistics.udr import QUANTITY as UDR
from analysis.statistics.udr import ByLayer
from analysis.words.numbers import estimate, number
from analysis.words.quantities import title_of
from sim_study.metrics.catalogue import CATALOGUE
from sim_study.naming.quantity import Chance
from sim_study.naming.result_keys import MetricKey, layer_order, layer_title

NULL_ROWS: dict[Chance, str] = {
    "permuted labels": "  labels permuted",
    "independent dimensions": "  dimensions permuted",
    "shuffled clips": "  clips shuffled",
}
"""What a row of nulls is called."""


def summary_grid(quantity: str, target: str, measured: Sequence[Measured]) -> Grid | None:
    """Rows are configurations, columns layers; None when nobody reported the quantity.

    Chance is one row for all. A permuted-label null depends on the code, so that every
    configuration has its own, in a faint row below it.

    Args:
        quantity: Such as "mig".
        target: Such as "vowel"; empty for a quantity without one.
        measured: The rows.
    """
    layers = {
        place.layer
        for side in measured
        for place in side.values
        if (place.quantity, place.target) == (quantity, target)
    }
    places = [MetricKey(quantity, target, layer) for layer in sorted(layers, key=layer_order)]
    shown = [side for side in measured if any(place in side.values for place in places)]
    rows: list[tuple[str, ...]] = []
    for side in shown:
        rows.append(_row(side, places))
        if not has_chance(quantity):
            rows += _null_row(NULL_ROWS[_chance(quantity)], places, [side])
    if shown and has_chance(quantity):
        rows += _null_row("chance", places, measured)
    return _grid(title_of(quantity, target), [place.layer for place in places], rows)


def udr_grid(configurations: Sequence[Configuration], values: Sequence[ByLayer]) -> Grid | None:
    """Rows are configurations, each above what its shuffled clips read; None without any."""
    layers = sorted({layer for of_one in values for layer in of_one}, key=layer_order)
    rows: list[tuple[str, ...]] = []
    for one, of_one in zip(configurations, values, strict=True):
        if of_one:
            count = len(next(iter(of_one.values())).by_encoder)
            seeds = len(one.counted_seeds)
            n = str(count) if count == seeds else f"{count} of {seeds}"
            found = [of_one.get(layer) for layer in layers]
            read = (number(layer.value) if layer else "" for layer in found)
            null = (number(layer.null.mean) if layer else "" for layer in found)
            rows.append((configuration_name(one), n, *read))
            rows.append((NULL_ROWS["shuffled clips"], "", *null))
            turned = [layer.alignment if layer else None for layer in found]
            means = (number(one.rotated) if one else "" for one in turned)
            rows.append(("  copies rotated", "", *means))
    return _grid(title_of(UDR), layers, rows)


def _grid(title: str, layers: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Grid | None:
    """A table of these rows; those without a number of seeds are only there for reference."""
    faint = frozenset(index for index, (_, n, *_) in enumerate(rows) if not n)
    columns = ("", "n", *map(layer_title, layers))
    return Grid(title, columns, tuple(rows), faint=faint) if rows else None


def configuration_name(one: Configuration) -> str:
    """A configuration's name with a star for its arm's winner and a word for an untrained one."""
    mark = "* " if one.is_best and one.settings else ""
    return mark + (f"{one.label} (untrained)" if one.is_untrained else one.label)


def _chance(quantity: str) -> Chance:
    """What a quantity's null permutes; labels for one that has none, or nobody knows."""
    chance = CATALOGUE[quantity].chance if quantity in CATALOGUE else "none"
    return "permuted labels" if chance == "none" else chance


def _row(side: Measured, places: Sequence[MetricKey]) -> tuple[str, ...]:
    asked = len(side.one.counted_seeds)
    compact = len(places) > MANY_COLUMNS
    cells, counts = [], set()
    for place in places:
        interval = mean_interval(side.counted(place))
        cell = estimate(interval.mean, interval.half_width, compact=compact)
        cells.append(cell + MARK * side.reads_chance(place))
        counts |= {interval.n} if interval.n else set()
    n = "-".join(map(str, sorted(counts))) or "0"
    return (
        configuration_name(side.one),
        n if counts == {asked} else f"{n} of {asked}",
        *cells,
    )


def _null_row(
    name: str, places: Sequence[MetricKey], measured: Sequence[Measured]
) -> list[tuple[str, ...]]:
    """Mean null over the counted seeds of the given configurations; no row without any."""
    cells = []
    for place in places:
        found = [value for side in measured for value in side.nulls(place)]
        cells.append(number(float(np.mean(found))) if found else "")
    return [(name, "", *cells)] if any(cells) else []
