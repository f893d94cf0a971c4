"""Decoders from frozen latents back to sound."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim_study.config.probe import CheckpointKind
from sim_study.config.strict import Strict

DecoderLoss = Literal["mse", "spectral", "mse_spectral", "fft", "mse_fft", "mel", "mse_mel"]


class DecoderConfig(Strict):
    """A decoder from one module's frozen latents back to the waveform."""

    module: int = Field(ge=0, description="Module whose latents are decoded.")
    loss: DecoderLoss = Field(
        "mse_mel",
        description=(
            "Distance from the original waveform; mse_* add a spectral distance, which is by far "
            "the larger number, to the waveform's."
        ),
    )
    epochs: int = Field(200, ge=1, description="Passes over the training words.")
    batch_size: int = Field(64, ge=1, description="Clips a step.")
    learning_rate: float = Field(2e-4, gt=0, description="Adam's step size.")
    sounds: int = Field(3, ge=0, description="Test words written as WAV, beside the original.")
    checkpoint: CheckpointKind = Field("last", description="last or best, as for the probe.")
