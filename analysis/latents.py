"""python -m analysis.latents RUN: pictures and tables of what an encoder's latents hold."""

from __future__ import annotations

import time
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
    # Imported when needed, so that --help answers at once.
    from analysis.read.latent_runs import find_latents
    from sim_study.config.trial import EncoderConfig
    from sim_study.ledger.ledger import Ledger
    from sim_study.ledger.probe_trial import read_probe_trial
    from sim_study.views.show import PAGE, heading, write_views

    for latents in find_latents(Ledger(output), run):
        began = time.monotonic()
        encoder, probe = latents.encoder.trial(), latents.probe.trial()
        assert isinstance(encoder.config, EncoderConfig)
        title, note = heading(encoder.config, probe)
        folder = (to or output / "latents") / latents.name
        kept = read_probe_trial(latents.probe)
        write_views(folder, kept, latents.config, probe.seed, title, note)
        pictures = sum(1 for _ in folder.rglob("*.png"))
        seconds = time.monotonic() - began
        click.echo(f"{title}: {folder / PAGE} ({pictures} pictures, {seconds:.0f} s)")


if __name__ == "__main__":
    main()
