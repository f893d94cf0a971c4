"""A comparison as tables for people."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from analysis.read.replicates import has_chance
from analysis.report.grid import MANY_COLUMNS, Grid
from analysis.statistics.comparison import DISCOVERED, Comparison
from analysis.statistics.measured import MARK, NOTE
from analysis.words.numbers import estimate, interval_text, number, p_text
from analysis.words.quantities import ABOVE_NULL, CODES, HEADLINES, title_of
from sim_study.naming.result_keys import layer_order, layer_title

OTHER_SEEDS = "~"
STANDS_OUT = "*"

Rows = dict[str, dict[Any, Any]]
"""A comparison's rows of one quantity and target, by layer."""

CAPTION = (
    "Exploratory. Differences are paired by seed, with their 95 % t interval. p: paired t test, "
    f"not adjusted; {STANDS_OUT}: its false discovery rate over all rows compared is below 5 %; "
    "Welch: p as if seeds were not shared; detect: smallest true difference that these seeds find "
    "with 80 % power by this test alone, given the spread seen. Entanglement is "
    f"shown {ABOVE_NULL}, an alignment as it is; raw: as measured. {CODES}"
)

FULL_CAPTION = (
    f"{CAPTION}. FDR: the false discovery rate; g: Hedges' g of the paired difference; P: "
    "probability that a seed of the second arm exceeds a seed of the first; "
    "null: mean with labels permuted, each side's own"
)

EACH_CAPTION = (
    "Exploratory. Paired difference ± half width of its 95 % t interval (no ±: one seed, or equal "
    f"differences); {STANDS_OUT}: false discovery rate below 5 % over all configurations; "
    f"entanglement {ABOVE_NULL}, an alignment as it is"
)

_UNTRAINED_NOTE = f"{OTHER_SEEDS}: the untrained encoder over other seeds than the arms"


def comparison_grids(comparison: Comparison, *, full: bool = False) -> Iterator[Grid]:
    """One table a quantity: rows are targets and layers.

    Args:
        comparison: Two configurations compared.
        full: Every quantity and statistic; else the headlines, to fit a terminal.
    """
    rows = comparison.rows
    if rows.empty:
        return
    if not full:
        rows = rows[pd.MultiIndex.from_frame(rows[["quantity", "target"]]).isin(HEADLINES)]
    a, b = comparison.a.arm, comparison.b.arm
    for quantity, here in rows.groupby("quantity", sort=False):
        cells = [_cells(row, here, {"a": a, "b": b}, full) for _, row in here.iterrows()]
        heads = [{"a": a, "b": b, "b - a": f"{b} - {a}"}.get(head, head) for head in cells[0]]
        yield Grid(
            title=title_of(str(quantity), above_null=bool(here["above_null"].all())),
            columns=tuple(heads),
            rows=tuple(tuple(row.values()) for row in cells),
        )


def each_grids(comparisons: Sequence[Comparison], *, full: bool = False) -> Iterator[Grid]:
    """One table a quantity and target: rows are configurations of b, columns layers.

    A cell is the paired difference b - a with the half width of its interval; a star marks a
    difference that stands out.
    """
    compared = [one for one in comparisons if not one.rows.empty]
    if not compared:
        return
    several = len({one.role for one in comparisons}) > 1
    a, b = comparisons[0].a.arm, comparisons[0].b.arm
    by_place: dict[tuple[str, str, bool], list[tuple[Comparison, Rows]]] = {}
    for one in compared:
        of_one: dict[tuple[str, str, bool], Rows] = {}
        for row in one.rows.to_dict("records"):
            place = (row["quantity"], row["target"], row["above_null"])
            of_one.setdefault(place, {})[row["layer"]] = row
        for place, rows in of_one.items():
            by_place.setdefault(place, []).append((one, rows))
    for (quantity, target, above), sides in by_place.items():
        if not full and (quantity, target) not in HEADLINES:
            continue
        layers = sorted({layer for _, rows in sides for layer in rows}, key=layer_order)
        yield Grid(
            title=f"{b} - {a}: {title_of(quantity, target, above_null=above)}",
            columns=(b, "against", "n", *map(layer_title, layers)),
            rows=tuple(
                _each_row(one, rows, layers, role=one.role if several else "")
                for one, rows in sides
            ),
            words=2,
        )


def footnotes(comparisons: Sequence[Comparison]) -> list[str]:
    """Explain the marks that stand in the tables of these comparisons."""
    rows = pd.concat([one.rows for one in comparisons] or [pd.DataFrame()])
    if rows.empty:
        return []
    notes = [NOTE] if (rows["a_at_chance"] | rows["b_at_chance"]).any() else []
    elsewhere = rows["untrained"].notna() & (rows["untrained_n"] == 0)
    return [*notes, *([_UNTRAINED_NOTE] if elsewhere.any() else [])]


def _cells(row: pd.Series, here: pd.DataFrame, sides: dict[str, str], full: bool) -> dict[str, str]:
    """Cells of a row by column; `here` has all rows of its table, `sides` the names of a and b."""
    place = " ".join(part for part in (row["target"], layer_title(row["layer"])) if part)
    n = f"{row['n']}" if row["n"] == row["n_asked"] else f"{row['n']} of {row['n_asked']}"
    # Where raw values stand too, the smallest difference that could be found has no room.
    detect = {"detect": number(row["detectable"])} if full or not row["above_null"] else {}
    effects = {"g": _short(row["hedges_g"]), "P": _short(row["improvement"])} if full else {}
    cells = {
        "": place,
        "n": n,
        "a": number(row["a_mean"]) + MARK * row["a_at_chance"],
        "b": number(row["b_mean"]) + MARK * row["b_at_chance"],
        "b - a": number(row["difference"], signed=True),
        "95 % interval": interval_text(row["low"], row["high"], row["n"]) if row["n"] else "-",
        **effects,
        "p": p_text(row["p"]) + STANDS_OUT * (row["p_fdr"] < DISCOVERED),
        "Welch": p_text(row["welch_p"]),
        **({"FDR": p_text(row["p_fdr"])} if full else {}),
        **detect,
    }
    # What it stands beside: raw values, chance or nulls, the untrained encoder.
    if here["above_null"].any():
        cells |= {f"{arm} raw": number(row[f"{side}_raw"]) for side, arm in sides.items()}
    if has_chance(row["quantity"]):
        cells["chance"] = number(row["a_null"])
    elif row["quantity"] == "decoder_mse":
        cells["silence"] = number(row["a_null"])
    elif here["a_null"].notna().any() and (full or not here["above_null"].any()):
        cells |= {f"{arm} null": number(row[f"{side}_null"]) for side, arm in sides.items()}
    if here["untrained"].notna().any():
        elsewhere = math.isfinite(row["untrained"]) and row["untrained_n"] == 0
        cells["untrained"] = number(row["untrained"]) + OTHER_SEEDS * elsewhere
    return cells


def _each_row(
    comparison: Comparison, by_layer: Rows, layers: Sequence[str], *, role: str
) -> tuple[str, ...]:
    cells, counts = [], set()
    for layer in layers:
        row = by_layer.get(layer)
        if row is None:
            cells.append("-")
            continue
        half = (row["high"] - row["low"]) / 2
        star = STANDS_OUT * (row["p_fdr"] < DISCOVERED)
        star += MARK * (row["a_at_chance"] or row["b_at_chance"])
        compact = len(layers) > MANY_COLUMNS
        cells.append(estimate(row["difference"], half, signed=True, compact=compact) + star)
        counts.add(int(row["n"]))
    n = "-".join(map(str, sorted(counts))) or "0"
    a, b, asked = comparison.a, comparison.b, len(comparison.seeds)
    agrees = all(b.settings.get(key) == value for key, value in a.settings.items())
    return (
        b.label,
        a.arm if agrees else a.label,  # without the settings that it shares with b
        f"{n if counts == {asked} else f'{n} of {asked}'} {role}".rstrip(),
        *cells,
    )


def _short(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "-"
