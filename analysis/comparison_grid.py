"""A comparison as tables for people."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import pandas as pd

from analysis.comparison import SIGNIFICANT, Comparison
from analysis.grid import MANY_COLUMNS, Grid
from analysis.metric_key import layer_order, layer_title
from analysis.quantities import estimate, interval_text, number, p_text, title_of

CAPTION = (
    "b - a paired by seed, with its 95 % t interval; g: Hedges' g of the paired difference; "
    "P(b>a): probability that a seed of b exceeds a seed of a; p: paired t test, Holm-adjusted "
    "within the family; detect: smallest true difference found with 80 % power, given the "
    "spread seen; null: chance, or labels permuted"
)

EACH_CAPTION = (
    "b - a paired by seed ± half width of its 95 % t interval; *: survives Holm's adjustment "
    "within its family and configuration"
)


def comparison_grids(comparison: Comparison) -> Iterator[Grid]:
    """One table a quantity: rows are targets and layers."""
    if comparison.rows.empty:
        return
    arms = (comparison.a.arm, comparison.b.arm)
    columns = ("", "n", *arms, "b - a", "95 % interval", "g", "P(b>a)", "p", "detect")
    for quantity, rows in comparison.rows.groupby("quantity", sort=False):
        yield Grid(
            title=title_of(str(quantity)),
            columns=(*columns, "null", "untrained"),
            rows=tuple(_cells(row) for _, row in rows.iterrows()),
        )


def each_grids(comparisons: Sequence[Comparison]) -> Iterator[Grid]:
    """One table a headline quantity: rows are configurations of b, columns layers.

    A cell is the paired difference b - a with the half width of its interval; a star marks a
    difference that survives Holm's adjustment.
    """
    tables = [one.rows for one in comparisons if not one.rows.empty]
    if not tables:
        return
    keys = pd.concat(tables)[["quantity", "target"]].drop_duplicates()
    for quantity, target in keys.itertuples(index=False):
        here = [_rows_of(one, quantity, target) for one in comparisons]
        layers = sorted(
            {layer for rows in here if len(rows) for layer in rows["layer"]}, key=layer_order
        )
        yield Grid(
            title=f"b - a of {title_of(quantity, target)}",
            columns=("b", "against", "n", *map(layer_title, layers)),
            rows=tuple(
                _each_row(one, quantity, target, layers)
                for one in comparisons
                if not _rows_of(one, quantity, target).empty
            ),
            words=2,
        )


def _cells(row: pd.Series) -> tuple[str, ...]:
    place = " ".join(part for part in (row["target"], layer_title(row["layer"])) if part)
    n = f"{row['n']}" if row["n"] == row["n_asked"] else f"{row['n']} of {row['n_asked']}"
    return (
        place,
        n,
        number(row["a_mean"]),
        number(row["b_mean"]),
        number(row["difference"], signed=True),
        interval_text(row["low"], row["high"]) if row["n"] > 1 else "-",
        _short(row["hedges_g"]),
        _short(row["improvement"]),
        p_text(row["p_holm"]),
        number(row["detectable"]),
        number(row["null"]),
        number(row["untrained"]),
    )


def _rows_of(comparison: Comparison, quantity: str, target: str) -> pd.DataFrame:
    rows = comparison.rows
    if rows.empty:
        return rows
    return rows[(rows["quantity"] == quantity) & (rows["target"] == target)]


def _each_row(
    comparison: Comparison, quantity: str, target: str, layers: Sequence[str]
) -> tuple[str, ...]:
    by_layer = {row["layer"]: row for _, row in _rows_of(comparison, quantity, target).iterrows()}
    cells, counts = [], set()
    for layer in layers:
        row = by_layer.get(layer)
        if row is None:
            cells.append("-")
            continue
        half = (row["high"] - row["low"]) / 2
        star = "*" if row["p_holm"] < SIGNIFICANT else ""
        compact = len(layers) > MANY_COLUMNS
        cells.append(estimate(row["difference"], half, signed=True, compact=compact) + star)
        counts.add(int(row["n"]))
    n = "-".join(map(str, sorted(counts))) or "0"
    asked = len(comparison.seeds)
    return (
        comparison.b.label,
        _against(comparison),
        n if counts == {asked} else f"{n} of {asked}",
        *cells,
    )


def _against(comparison: Comparison) -> str:
    """Name a without the settings that it shares with b."""
    a, b = comparison.a, comparison.b
    agrees = all(b.settings.get(key) == value for key, value in a.settings.items())
    return a.arm if agrees else a.label


def _short(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "-"
