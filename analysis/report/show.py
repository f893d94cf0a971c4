"""A comparison printed, drawn and written: what `python -m analysis.compare` leaves behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from analysis.answer import Answer, answer
from analysis.figures.all_figures import figures
from analysis.read.table import write_parquet
from analysis.report.comparison_grid import (
    CAPTION,
    EACH_CAPTION,
    comparison_grids,
    each_grids,
    footnotes,
)
from analysis.report.grid import Grid
from analysis.report.page import write_report
from analysis.report.summary import summary
from analysis.statistics.comparison import Comparison
from analysis.statistics.udr import NOTE as UDR_NOTE
from analysis.words.plain_answer import CLEAR, plain_answer
from analysis.words.wording import heading, limits
from sim_study.ledger.ledger import Ledger
from sim_study.views.style import Drawn

WIDTH = 110
"""Columns of the printed tables."""

REST = "Further metrics, statistics, figures and sounds: report.html and comparison.parquet below."


def show(ledger: Ledger, study: str, arm_a: str | None, arm_b: str | None, form: str) -> None:
    """Compare two arms; print what differs, and write tables, figures and a report.

    Args:
        ledger: Holds the study.
        study: Its name.
        arm_a: Compared with this arm; None: gim.
        arm_b: The arm in question; None: sim.
        form: text or markdown, of what is printed.
    """
    found = answer(ledger, study, arm_a, arm_b)
    folder = ledger.study(study).path / "analysis"
    drawn = _draw(found, folder / "figures")
    tables = _write_tables(found, folder)
    glance = summary(ledger, study)
    report = write_report(folder / "report.html", found, glance, drawn)
    if form == "markdown":
        click.echo(_markdown(found, glance.udr))
    else:
        _print(found, glance.udr)
    click.echo(f"tables:  {', '.join(path.name for path in tables)} in {folder}")
    click.echo(f"figures: {len(drawn)} in {folder / 'figures'}")
    click.echo(f"report:  {report}")


def _draw(found: Answer, folder: Path) -> list[tuple[Drawn, Path]]:
    """Draw anew: a figure of an earlier comparison does not linger."""
    shutil.rmtree(folder, ignore_errors=True)
    return [(drawn, drawn.save(folder)) for drawn in figures(found)]


def _write_tables(found: Answer, folder: Path) -> list[Path]:
    tables = {
        "trials": found.trials,
        "metrics": found.metrics,
        "curves": found.curves,
        "comparison": pd.concat(
            [
                *([_flat("winners", found.best)] if found.best else []),
                *(_flat("each", one) for one in found.each),
            ]
            or [pd.DataFrame()]
        ),
    }
    return [
        write_parquet(table, folder / f"{name}.parquet")
        for name, table in tables.items()
        if len(table.columns)
    ]


def _flat(part: str, one: Comparison) -> pd.DataFrame:
    """A comparison's rows; the winners' pair is also among every configuration's, hence `part`."""
    names = {
        "part": part,
        "a": one.a.label,
        "a_hash": one.a.config_hash,
        "b": one.b.label,
        "b_hash": one.b.config_hash,
        "role": one.role,
        "seeds": ",".join(map(str, one.seeds)),
    }
    return one.rows.assign(**names)


def _sections(
    found: Answer, across_seeds: Grid | None
) -> Iterable[tuple[str, list[str], list[Grid]]]:
    """Title, captions and tables of each part, headlines only."""
    if found.best is not None:
        notes = [CAPTION, *footnotes([found.best])]
        yield f"Winners: {heading(found.best)}", notes, list(comparison_grids(found.best))
    if len(found.each) > 1 or found.best is None:
        notes = [EACH_CAPTION, *footnotes(found.each)]
        yield "Every configuration", notes, list(each_grids(found.each))
    if across_seeds is not None:
        yield "The same dimensions in every seed", [UDR_NOTE], [across_seeds]


def _print(found: Answer, across_seeds: Grid | None) -> None:
    console = Console(width=WIDTH, highlight=False)
    console.print(Text(f"Study {found.study}", style="bold"))
    console.print(Text(found.facts.question))
    console.print()
    _print_list(console, "Answer", plain_answer(found), CLEAR if found.each else "")
    for title, notes, grids in _sections(found, across_seeds):
        if not grids:
            continue
        console.print(Text(title, style="bold underline"))
        console.print()
        for grid in grids:
            console.print(grid.to_rich())
            console.print()
        for note in notes:
            console.print(Text(note, style="dim"))
        console.print()
    _print_list(console, "Notes", limits(found))
    console.print(Text(REST, style="dim"))


def _print_list(console: Console, title: str, lines: Sequence[str], note: str = "") -> None:
    console.print(Text(title, style="bold underline"))
    table = Table.grid(padding=(0, 1))
    for line in lines:
        table.add_row("-", Text(line))  # a column of its own, so that long lines hang
    console.print(table)
    if note:
        console.print(Text(note, style="dim"))
    console.print()


def _markdown(found: Answer, across_seeds: Grid | None) -> str:
    parts = [f"# Study {found.study}", found.facts.question]
    parts += ["## Answer", _bullets(plain_answer(found)), CLEAR]
    for title, notes, grids in _sections(found, across_seeds):
        if grids:
            parts += [f"## {title}", *(grid.to_markdown() for grid in grids), _bullets(notes)]
    parts += ["## Notes", _bullets(limits(found)), REST]
    return "\n\n".join(part.rstrip() for part in parts if part) + "\n"


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
