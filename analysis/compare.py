"""python -m analysis.compare STUDY: what differs between two arms, by how much, how surely."""

from __future__ import annotations

from pathlib import Path

import click

from sim_study.entry import Verb, output_option


@click.command(cls=Verb)
@click.argument("study")
@output_option()
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

    Says in a few sentences what differs, by how much, how surely; prints paired differences with
    95 % intervals for the arms' winners and for every configuration; writes all tables (Parquet),
    figures (PNG) and a self-contained report (HTML) under OUTPUT/studies/STUDY/analysis/.
    """
    from analysis.report.show import show  # imported when needed, so that --help answers at once
    from sim_study.ledger.ledger import Ledger

    show(Ledger(output), study, arm_a, arm_b, form)


if __name__ == "__main__":
    main()
