"""The views of one encoder, written and announced."""

from __future__ import annotations

import time
from pathlib import Path

import click

from analysis.read.latent_runs import Latents
from sim_study.config.trial import EncoderConfig
from sim_study.ledger.probe_trial import read_probe_trial
from sim_study.views.show import PAGE, heading, write_views


def show_latents(latents: Latents, to: Path) -> None:
    """Draw an encoder's views into a folder of its own; print where they are.

    Args:
        latents: Whose.
        to: The folder that holds one for each encoder.
    """
    began = time.monotonic()
    encoder, probe = latents.encoder.trial(), latents.probe.trial()
    assert isinstance(encoder.config, EncoderConfig)
    title, note = heading(encoder.config, probe)
    folder = to / latents.name
    kept = read_probe_trial(latents.probe)
    write_views(folder, kept, latents.config, probe.seed, title, note)
    pictures = sum(1 for _ in folder.rglob("*.png"))
    seconds = time.monotonic() - began
    click.echo(f"{title}: {folder / PAGE} ({pictures} pictures, {seconds:.0f} s)")
