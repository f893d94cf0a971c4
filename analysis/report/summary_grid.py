"""One table a headline quantity: every configuration with what it reads when it knows nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.read.configurations import Configuration
from analysis.read.replicates import ByPlace, counted, null_place
from analysis.report.grid import MANY_COLUMNS, Grid
from analysis.statistics.at_chance import CONCENTRATION, MARK, at_chance
from analysis.statistics.intervals import mean_interval
from analysis.words.numbers import estimate, number
from analysis.words.quantities import title_of
from sim_study.metrics.catalogue import CATALOGUE
from sim_study.naming.layers import layer_order, layer_title
from sim_study.naming.metric_key import MetricKey
from sim_study.naming.quantity import Chance

NULL_ROWS: dict[Chance, str] = {
    "permuted labels": "  labels permuted",
    "independent dimensions": "  dimensions permuted",
    "shuffled clips": "  clips shuffled",
}
"""What a row of nulls is called."""


def summary_grid(
    quantity: str,
    target: str,
    configurations: Sequence[Configuration],
    values: Sequence[ByPlace],
) -> Grid | None:
    """Rows are configurations, columns layers; None when nobody reported the quantity.

    Chance is one row for all. A permuted-label null depends on the code, so that every
    configuration has its own, in a faint row below it.

    Args:
        quantity: Such as "mig".
        target: Such as "vowel"; empty for a quantity without one.
        configurations: The rows.
        values: Of each configuration, in the same order.
    """
    layers = {
        place.layer
        for by_place in values
        for place in by_place
        if (place.quantity, place.target) == (quantity, target)
    }
    places = [MetricKey(quantity, target, layer) for layer in sorted(layers, key=layer_order)]
    rows: list[tuple[str, ...]] = []
    faint = []
    for one, by_place in zip(configurations, values, strict=True):
        if not any(place in by_place for place in places):
            continue
        rows.append(_row(one, by_place, places))
        if not quantity.startswith("probe_"):
            nulls = _null_row(NULL_ROWS[_chance(quantity)], places, [(one, by_place)])
            faint += [len(rows) + line for line in range(len(nulls))]
            rows += nulls
    if not rows:
        return None
    if quantity.startswith("probe_"):
        chance = _null_row("chance", places, list(zip(configurations, values, strict=True)))
        faint += [len(rows) + line for line in range(len(chance))]
        rows += chance
    return Grid(
        title=title_of(quantity, target),
        columns=("", "n", *(layer_title(place.layer) for place in places)),
        rows=tuple(rows),
        faint=frozenset(faint),
    )


def configuration_name(one: Configuration) -> str:
    """A configuration's name with a star for its arm's winner and a word for an untrained one."""
    mark = "* " if one.is_best and one.settings else ""
    return mark + (f"{one.label} (untrained)" if one.is_untrained else one.label)


def _chance(quantity: str) -> Chance:
    """What a quantity's null permutes; labels for one that has none, or nobody knows."""
    chance = CATALOGUE[quantity].chance if quantity in CATALOGUE else "none"
    return "permuted labels" if chance == "none" else chance


def _row(one: Configuration, by_place: ByPlace, places: Sequence[MetricKey]) -> tuple[str, ...]:
    asked = one.counted_seeds
    compact = len(places) > MANY_COLUMNS
    unreadable = at_chance(by_place, asked)
    cells, counts = [], set()
    for place in places:
        interval = mean_interval(counted(one, by_place, place))
        marked = place.quantity in CONCENTRATION and (place.target, place.layer) in unreadable
        cell = estimate(interval.mean, interval.half_width, compact=compact)
        cells.append(cell + MARK * marked)
        counts |= {interval.n} if interval.n else set()
    n = "-".join(map(str, sorted(counts))) or "0"
    return (
        configuration_name(one),
        n if counts == {len(asked)} else f"{n} of {len(asked)}",
        *cells,
    )


def _null_row(
    name: str, places: Sequence[MetricKey], sides: Sequence[tuple[Configuration, ByPlace]]
) -> list[tuple[str, ...]]:
    """Mean null over the counted seeds of the given configurations; no row without any."""
    cells = []
    for place in places:
        found = [
            value for one, by_place in sides for value in counted(one, by_place, null_place(place))
        ]
        cells.append(number(float(np.mean(found))) if found else "")
    return [(name, "", *cells)] if any(cells) else []
