"""python -m analysis.latents RUN: pictures and tables of what an encoder's latents hold."""

from __future__ import annotations

from pathlib import Path

import click

from sim_study.entry import Verb, output_option


@click.command(cls=Verb)
@click.argument("run", metavar="RUN")
@output_option()
@click.option(
    "--to",
    "to",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for pictures and tables. [default: OUTPUT/latents]",
)
def main(run: str, output: Path, to: Path | None) -> None:
    """Draw what the latents of one encoder hold.

    RUN is a study (every arm's best configuration, its first seed), STUDY:ARM, STUDY:ARM:SEED, or
    the name of an encoder's, probe's or other trial, or how that name begins.

    Probe weights and the dimensions that carry each label, decisions over the two strongest, how
    many dimensions are enough, histograms beside N(0, 1), a t-SNE map of the context, and an
    index.html that shows and explains them all; a folder for each encoder.
    """
    from analysis.read.latent_runs import (
        find_latents,  # when needed, so that --help answers at once
    )
    from analysis.report.show_latents import show_latents
    from sim_study.ledger.ledger import Ledger

    ledger = Ledger(output)
    for one in find_latents(ledger, run):
        show_latents(one, to or output / "latents")


if __name__ == "__main__":
    main()
