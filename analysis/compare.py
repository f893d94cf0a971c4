"""python -m analysis.compare STUDY: what differs between two arms, by how much, how surely."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import click
import pandas as pd
from rich.console import Console
from rich.text import Text

from analysis.answer import Answer, answer
from analysis.comparison_grid import CAPTION, EACH_CAPTION, comparison_grids, each_grids
from analysis.figures.gallery import figures
from analysis.figures.style import Drawn
from analysis.grid import Grid
from analysis.report import write_report
from analysis.summary import summary
from analysis.table import write_parquet
from analysis.wording import findings, heading, limits
from sim_study.entry import Verb
from sim_study.ledger.ledger import Ledger

WIDTH = 110
"""Columns of the printed tables."""


@click.command(cls=Verb)
@click.argument("study")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("runs"),
    show_default=True,
    help="Folder that the sweep wrote to.",
)
@click.option("--a", "arm_a", metavar="ARM", help="Compared with this arm. [default: gim]")
@click.option("--b", "arm_b", metavar="ARM", help="The arm in question. [default: sim]")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown"]),
    default="text",
    show_default=True,
    help="How the tables are printed.",
)
def main(study: str, output: Path, arm_a: str | None, arm_b: str | None, form: str) -> None:
    """Compare two arms of STUDY, paired by seed.

    Prints mean differences with 95 % intervals, effect sizes and Holm-adjusted p values for the
    arms' winners and for every configuration; writes tables (Parquet), figures (PNG) and a
    self-contained report (HTML) under OUTPUT/studies/STUDY/analysis/.
    """
    ledger = Ledger(output)
    found = answer(ledger, study, arm_a, arm_b)
    folder = ledger.study(study).path / "analysis"
    drawn = _draw(found, folder / "figures")
    tables = _write_tables(found, folder)
    report = write_report(folder / "report.html", found, summary(ledger, study), drawn)
    if form == "markdown":
        click.echo(_markdown(found))
    else:
        _print(found)
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
                one.rows.assign(
                    a=one.a.label,
                    a_hash=one.a.config_hash,
                    b=one.b.label,
                    b_hash=one.b.config_hash,
                    role=one.role,
                    seeds=",".join(map(str, one.seeds)),
                )
                for one in (*([found.best] if found.best else []), *found.each)
            ]
            or [pd.DataFrame()]
        ),
    }
    return [
        write_parquet(table, folder / f"{name}.parquet")
        for name, table in tables.items()
        if len(table.columns)
    ]


def _sections(found: Answer) -> Iterable[tuple[str, str, list[Grid]]]:
    """Title, caption and tables of each part."""
    if found.best is not None:
        yield f"Winners: {heading(found.best)}", CAPTION, list(comparison_grids(found.best))
    yield "Every configuration of b against a", EACH_CAPTION, list(each_grids(found.each))


def _print(found: Answer) -> None:
    console = Console(width=WIDTH, highlight=False)
    for title, caption, grids in _sections(found):
        if not grids:
            continue
        console.print(Text(title, style="bold underline"), "")
        for grid in grids:
            console.print(grid.to_rich(), "")
        console.print(Text(caption, style="dim"), "")
    for title, lines in _lists(found):
        console.print(Text(title, style="bold underline"))
        for line in lines:
            console.print(Text(f"- {line}" if not line.startswith(" ") else f"  {line}"))
        console.print()


def _markdown(found: Answer) -> str:
    parts = [f"# Study {found.study}", found.facts.question]
    for title, lines in _lists(found):
        listed = "\n".join(f"{'  ' * line.startswith(' ')}- {line.strip()}" for line in lines)
        parts += [f"## {title}", listed]
    for title, caption, grids in _sections(found):
        parts += [f"## {title}", *(grid.to_markdown() for grid in grids), f"{caption}."]
    return "\n\n".join(part.rstrip() for part in parts if part) + "\n"


def _lists(found: Answer) -> Iterable[tuple[str, list[str]]]:
    yield "What it found", findings(found)
    yield "What it can and cannot detect", limits(found)


if __name__ == "__main__":
    main()
