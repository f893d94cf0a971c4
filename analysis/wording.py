"""A comparison in words: tables for people, and sentences about what it shows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import pandas as pd

from analysis.answer import Answer
from analysis.comparison import Comparison, overall
from analysis.completeness import missing_replicates, role_sentences
from analysis.configurations import shown
from analysis.grid import Grid
from analysis.metric_key import layer_title
from analysis.power import detection_sentence
from analysis.quantities import number, short_title, title_of

SIGNIFICANT = 0.05
"""Holm-adjusted p below which a difference is called one."""

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
        layers: list[str] = []
        for table in tables:
            here = table[(table["quantity"] == quantity) & (table["target"] == target)]
            layers += [layer for layer in here["layer"] if layer not in layers]
        yield Grid(
            title=f"b - a of {title_of(quantity, target)}",
            columns=("b", "a", "n", *map(layer_title, layers)),
            rows=tuple(
                _each_row(one, quantity, target, layers)
                for one in comparisons
                if not _rows_of(one, quantity, target).empty
            ),
            words=2,
        )


def heading(comparison: Comparison) -> str:
    """Say what is compared, over which seeds."""
    seeds = ", ".join(map(str, comparison.seeds)) or "none"
    kind = "confirming seeds" if comparison.role == "confirm" else "seeds"
    return f"a = {comparison.a.label}, b = {comparison.b.label}; shared {kind}: {seeds}"


def findings(answer: Answer) -> list[str]:
    """Say which differences between the winners are more than chance, and which way they go."""
    comparison = answer.best
    if comparison is None:
        return ["An arm has no winner yet: see the comparison of every configuration."]
    if comparison.rows.empty:
        return [
            f"{comparison.a.label} and {comparison.b.label} share no finished seed with final "
            "metrics: nothing can be paired."
        ]
    lines = []
    for family, rows in comparison.rows.groupby("family", sort=False):
        clear = rows[rows["p_holm"] < SIGNIFICANT]
        apart = rows[(rows["low"] > 0) | (rows["high"] < 0)]
        larger = int((apart["difference"] > 0).sum())
        lines.append(
            f"{str(family).capitalize()}: of {len(rows)} differences {len(apart)} have a 95 % "
            f"interval without zero ({larger} larger in {comparison.b.arm}, {len(apart) - larger} "
            f"larger in {comparison.a.arm}); {len(clear)} survive Holm's adjustment."
        )
        lines += [_finding(row, comparison) for _, row in clear.iterrows()]
    lines += [_below_untrained(comparison)] if _below_untrained(comparison) else []
    targets = sorted(set(comparison.rows["target"]))
    middle = overall(answer.metrics, comparison, "probe_accuracy", targets)
    if middle["n"]:
        lines.append(
            "Interquartile mean of probe accuracy over targets and layers: "
            f"a {number(middle['a_mean'])}, b {number(middle['b_mean'])}, b - a "
            f"{number(middle['difference'], signed=True)} "
            f"{_interval(middle['low'], middle['high'])}, n = {middle['n']:.0f}."
        )
    return lines


def limits(answer: Answer) -> list[str]:
    """Say what the study can and cannot detect, and what its means leave out."""
    listed = shown(answer.configurations)
    lines = [detection_sentence(answer.best.n), *_in_units(answer.best)] if answer.best else []
    if answer.best and answer.best.role == "search" and len(answer.each) > 1:
        lines.append(
            f"{answer.best.b.label} was chosen on the same seeds that it is judged by, so its "
            "objective is flattered by luck; confirming seeds would tell."
        )
    lines += role_sentences(listed)
    lines += missing_replicates(answer.runs, listed)
    return lines


def _in_units(comparison: Comparison) -> list[str]:
    """Translate the detectable effect into accuracy, with the spread that was seen."""
    if comparison.rows.empty:
        return []
    rows = comparison.rows[comparison.rows["quantity"] == "probe_accuracy"]
    sizes = rows["detectable"].dropna()
    if sizes.empty:
        return []
    return [
        "With the spread seen, that is a true difference in probe accuracy of "
        f"{number(sizes.median())} (median over targets and layers; {number(sizes.min())} to "
        f"{number(sizes.max())})."
    ]


def _cells(row: pd.Series) -> tuple[str, ...]:
    place = " ".join(part for part in (row["target"], layer_title(row["layer"])) if part)
    n = f"{row['n']}" if row["n"] == row["n_asked"] else f"{row['n']} of {row['n_asked']}"
    return (
        place,
        n,
        number(row["a_mean"]),
        number(row["b_mean"]),
        number(row["difference"], signed=True),
        _interval(row["low"], row["high"]) if row["n"] > 1 else "-",
        _short(row["hedges_g"]),
        _short(row["improvement"]),
        _p(row["p_holm"]),
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
        width = f" ±{number(half)}" if math.isfinite(half) else ""
        cells.append(f"{number(row['difference'], signed=True)}{width}{star}")
        counts.add(int(row["n"]))
    n = "-".join(map(str, sorted(counts))) or "0"
    asked = len(comparison.seeds)
    return (
        comparison.b.label,
        comparison.a.label,
        n if counts == {asked} else f"{n} of {asked}",
        *cells,
    )


def _finding(row: pd.Series, comparison: Comparison) -> str:
    place = ", ".join(part for part in (row["target"], layer_title(row["layer"])) if part)
    return (
        f"  {short_title(row['quantity'])}, {place}: {comparison.b.arm} "
        f"{number(row['b_mean'])} against {comparison.a.arm} {number(row['a_mean'])}, difference "
        f"{number(row['difference'], signed=True)} {_interval(row['low'], row['high'])}, "
        f"p = {_p(row['p_holm'])}, n = {row['n']}."
    )


def _below_untrained(comparison: Comparison) -> str:
    rows = comparison.rows[comparison.rows["quantity"] == "probe_accuracy"]
    below = rows[(rows[["a_mean", "b_mean"]].max(axis=1) < rows["untrained"])]
    if below.empty:
        return ""
    places = ", ".join(
        f"{target} at {layer_title(layer)}"
        for target, layer in zip(below["target"], below["layer"], strict=True)
    )
    return f"The untrained encoder's probe accuracy beats both arms for: {places}."


def _interval(low: float, high: float) -> str:
    if not math.isfinite(low):
        return "no spread"
    return f"[{number(low, signed=True)}, {number(high, signed=True)}]"


def _short(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "-"


def _p(value: float) -> str:
    if not math.isfinite(value):
        return "-"
    return "<.001" if value < 0.001 else f"{value:.3f}"
