"""`python -m sim_study`: lists the verbs."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sim_study import __version__

VERBS = {
    "python -m sim_study.sweep --space kld.yaml": "run a study, or go on with it",
    "python -m sim_study.ui": "open the MLflow UI on a study",
    "python -m analysis.compare kld": "compare two arms of a study: intervals, figures, report",
    "python -m analysis.results kld": "write what a study found as a page of Markdown",
    "python -m analysis.latents kld:sim": "draw what the latents of a trained encoder hold",
    "python -m sim_study.corpus": "list, synthesise, fetch, prepare and inspect corpora",
    "python -m sim_study.metrics CODES.npz": "measure how entangled anyone's codes are",
    "python -m sim_study.verify FILE.npz": "replay recorded reference numbers",
    "python -m sim_study.space.schema": "print the JSON schema of space files",
}


@click.command()
@click.version_option(__version__, prog_name="sim_study")
def main() -> None:
    """Greedy self-supervised speech encoders: one question, one file, one command."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for verb, meaning in VERBS.items():
        table.add_row(Text(verb, style="bold"), meaning)
    console = Console(highlight=False)
    console.print(f"sim_study {__version__}: each verb has --help\n")
    console.print(table)


if __name__ == "__main__":
    main(prog_name="python -m sim_study")
