"""A comparison printed, drawn and written: what `python -m analysis.compare` leaves behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from analysis.figures.draw import being_drawn
from analysis.figures.drawings import drawings
from analysis.read.study import StudyRecord
from analysis.read.table import write_parquet
from analysis.report.comparison_grid import (
    CAPTION,
    EACH_CAPTION,
    comparison_grids,
    each_grids,
    footnotes,
)
from analysis.report.grid import Grid
from analysis.report.html_report import write_report
from analysis.report.primary_grid import primary_grid
from analysis.report.summary import Summary, summary
from analysis.statistics.answer import Answer, answer
from analysis.statistics.comparison import Comparison
from analysis.statistics.primary_table import primary_table
from analysis.statistics.udr import NOTE as UDR_NOTE
from analysis.words.limits import limits
from analysis.words.plain_answer import CLEAR, heading, plain_answer
from analysis.words.primary_answer import READING, command, primary_answer
from sim_study.ledger.ledger import Ledger

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
    found = answer(StudyRecord.read(ledger, study), arm_a, arm_b)
    folder = ledger.study(study).path / "analysis"
    with being_drawn(list(drawings(found)), folder / "figures") as pictures:
        tables = _write_tables(found, folder)
        glance = summary(found.study)
        drawn = pictures()
    report = folder / "report.html"
    write_report(report, found, glance, drawn)
    if form == "markdown":
        body = comparison_markdown(found, glance)
        parts = [f"# Study {study}", found.study.facts.question, body, REST]
        click.echo("\n\n".join(part for part in parts if part) + "\n")
    else:
        _print(found, glance)
    click.echo(f"tables:  {', '.join(path.name for path in tables)} in {folder}")
    click.echo(f"figures: {len(drawn)} in {folder / 'figures'}")
    click.echo(f"report:  {report}")


def _write_tables(found: Answer, folder: Path) -> list[Path]:
    compared = [("winners", found.best)] if found.best else []
    compared += [("each", one) for one in found.each]
    tables = {
        "trials": found.study.trials,
        "metrics": found.study.metrics,
        "curves": found.study.curves,
        "primary": primary_table(found.primary).assign(
            command=[command(one, found.study.facts) for one in found.primary.outcomes]
        ),
        "comparison": pd.concat([pd.DataFrame(), *(_flat(part, one) for part, one in compared)]),
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


def _sections(found: Answer, glance: Summary) -> Iterator[tuple[str, list[str], list[Grid]]]:
    """Title, captions and tables of each part that has some, headlines only."""
    if found.best is not None and (grids := list(comparison_grids(found.best))):
        notes = [CAPTION, *footnotes([found.best])]
        yield f"Winners: {heading(found.best)}", notes, grids
    if (len(found.each) > 1 or found.best is None) and (grids := list(each_grids(found.each))):
        yield "Every configuration", [EACH_CAPTION, *footnotes(found.each)], grids
    if glance.udr is not None:
        yield "The same dimensions in every seed", [UDR_NOTE], [glance.udr]


def _print(found: Answer, glance: Summary) -> None:
    console = Console(width=WIDTH, highlight=False)
    console.print(Text(f"Study {found.study.name}", style="bold"))
    console.print(Text(found.study.facts.question))
    console.print()
    _print_answer(console, found)
    _print_list(console, "Exploratory", plain_answer(found), CLEAR if found.each else "")
    for title, notes, grids in _sections(found, glance):
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


def _print_answer(console: Console, found: Answer) -> None:
    console.print(Text("Answer", style="bold underline"))
    console.print()
    if grid := primary_grid(found.primary):
        console.print(grid.to_rich())
        console.print()
    lines = primary_answer(found.primary, found.study.facts)
    _print_list(console, "", lines, READING if grid else "")


def _print_list(console: Console, title: str, lines: Sequence[str], note: str = "") -> None:
    if title:
        console.print(Text(title, style="bold underline"))
    table = Table.grid(padding=(0, 1))
    for line in lines:
        table.add_row("-", Text(line))  # a column of its own, so that long lines hang
    console.print(table)
    if note:
        console.print(Text(note, style="dim"))
    console.print()


def comparison_markdown(found: Answer, glance: Summary) -> str:
    """Return the answer, what is exploratory, the headline tables and the notes."""
    grid = primary_grid(found.primary)
    parts = ["## Answer", grid.to_markdown().rstrip() if grid else ""]
    parts += [bullets(primary_answer(found.primary, found.study.facts)), READING if grid else ""]
    parts += ["## Exploratory", bullets(plain_answer(found)), CLEAR]
    for title, notes, grids in _sections(found, glance):
        parts += [f"## {title}", *(grid.to_markdown().rstrip() for grid in grids), bullets(notes)]
    parts += ["## Notes", bullets(limits(found))]
    return "\n\n".join(part for part in parts if part)


def bullets(lines: Sequence[str]) -> str:
    """Return lines as a Markdown list."""
    return "\n".join(f"- {line}" for line in lines)
