"""Measurements as a table in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sim_study.metrics.catalogue import CATALOGUE
from sim_study.metrics.contract import Measurement, Null
from sim_study.metrics.measurement_files import Measurements

CLEARLY = 2.0
"""Spreads above its null from which a value is marked."""
LEGEND = (
    "null: mean ± spread over draws; * more than two spreads above it, and not by rounding; "
    "samples: fitted + scored"
)
ALIGNED_LEGEND = (
    "rotated: mean ± spread over random rotations of the code; ceiling: codes that tell as much, "
    "each factor on axes of its own; alignment: where the value lies between them, from 0 to 1; "
    "empty where there is nothing between them, or the code does not tell the factor"
)
UNREAD = (
    "cannot be read from this code: then each dimension tells the others alone, and modularity "
    "(Modularity, InfoM) says nothing."
)


def print_measurements(measurements: Measurements, title: str) -> None:
    """Print one row a value, with its null, the null's spread and the numbers of samples."""
    console = Console(highlight=False)
    several = len(measurements) > 1
    table = Table(
        title=Text(title, style="bold"), title_justify="left", box=box.SIMPLE_HEAD, show_edge=False
    )
    for head in (*(["codes"] if several else []), "metric", "of"):
        table.add_column(head, overflow="fold")
    for head in ("value", "null", "", "samples"):
        table.add_column(head, justify="right", no_wrap=True)
    for place, of_place in measurements.items():
        for one in of_place:
            for key, value in one.values.items():
                quantity, _, target = key.partition("/")
                title_of = CATALOGUE[quantity].title
                count = f"{one.train_samples} + {one.test_samples}"
                null = one.nulls.get(key)
                cells = [title_of, target, f"{value:.3f}", _chance(null), _mark(value, null), count]
                table.add_row(*map(Text, [place, *cells] if several else cells))
        table.add_section()
    console.print(table)
    console.print(Text(LEGEND, style="dim"))
    if any(one.alignments for of_place in measurements.values() for one in of_place):
        _print_alignments(measurements, console)
    for place, of_place in measurements.items():
        if lost := unread(of_place):
            where = f"{place}: " if several else ""
            console.print(Text(f"{where}{', '.join(lost)} {UNREAD}", style="yellow"))


def _chance(null: Null | None) -> str:
    return "" if null is None else f"{null.mean:.3f} ±{null.spread:.3f}"


def _print_alignments(measurements: Measurements, console: Console) -> None:
    several = len(measurements) > 1
    table = Table(
        title=Text("Do the axes go with the factors?", style="bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
    )
    for head in (*(["codes"] if several else []), "metric", "of"):
        table.add_column(head, overflow="fold")
    for head in ("value", "rotated", "ceiling", "alignment"):
        table.add_column(head, justify="right", no_wrap=True)
    for place, of_place in measurements.items():
        for one in of_place:
            for key, of_key in one.alignments.items():
                quantity, _, target = key.partition("/")
                alignment = "" if of_key.alignment is None else f"{of_key.alignment:.2f}"
                cells = [CATALOGUE[quantity].title, target, f"{one.values[key]:.3f}"]
                cells += [f"{of_key.rotated:.3f} ±{of_key.spread:.3f}", f"{of_key.ceiling:.3f}"]
                cells.append(alignment)
                table.add_row(*map(Text, [place, *cells] if several else cells))
        table.add_section()
    console.print(table)
    console.print(Text(ALIGNED_LEGEND, style="dim"))


def _mark(value: float, null: Null | None) -> str:
    return "*" if null and value > null.mean + CLEARLY * null.spread + 1e-3 else ""


def unread(measurements: Sequence[Measurement]) -> list[str]:
    """Return the factors that make modularity, where it was measured, say nothing.

    Those whose explicitness does not exceed its null's 95th percentile; where explicitness was not
    measured, InfoE, which also names a factor that can be read by a classifier too sure of itself.
    """
    read: dict[str, dict[str, bool]] = {}
    for one in measurements:
        for key, null in one.nulls.items():
            quantity, _, factor = key.partition("/")
            if factor != "mean":
                read.setdefault(quantity, {})[factor] = one.values[key] > null.p95 + 1e-3
    if not {"modularity", "infom"} & {*read}:
        return []
    of_factors = read.get("explicitness") or read.get("infoe") or {}
    return [factor for factor, above in of_factors.items() if not above]
