"""Decoders from frozen latents back to sound."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from sim_study.config.probe import CheckpointKind
from sim_study.config.strict import Strict

DecoderLoss = Literal["mse", "spectral", "mse_spectral", "fft", "mse_fft", "mel", "mse_mel"]


class DecoderConfig(Strict):
    """A decoder from one module's frozen latents back to the waveform."""

    module: int = Field(ge=0, description="Module whose latents are decoded.")
    loss: DecoderLoss = Field(
        "mse_mel",
        description="Distance from the original waveform; mse_* add a spectral distance, which is "
        "by far the larger number, to the waveform's.",
    )
    epochs: int = Field(200, ge=1, description="Passes over the training clips.")
    batch_size: int = Field(64, ge=1, description="Clips a step.")
    learning_rate: float = Field(2e-4, gt=0, description="Adam's step size.")
    standardise: bool = Field(
        True,
        description="Bring every channel to mean 0 and variance 1 over the training split before "
        "the first layer. false: the reference, under which latents of small scale (an untrained "
        "encoder's vary by 1e-3) decode to silence.",
    )
    sounds: int = Field(3, ge=0, description="Test clips written as WAV, beside the original.")
    draws: int = Field(
        2,
        ge=0,
        description="Latent sequences drawn from N(0, 1) and decoded, and as many drawn with the "
        "mean and deviation that each dimension has on training clips; 0: none.",
    )
    interpolations: int = Field(
        1, ge=0, description="Pairs of test clips between which the latents go in 5 steps."
    )
    traversals: int = Field(
        3,
        ge=0,
        description="Dimensions shifted by -3 to 3 of their deviations in one test clip: those in "
        "whose mean over frames clips differ most.",
    )
    contribution_clips: int = Field(
        0,
        ge=0,
        description="Test clips between which the interpolation contribution score is measured, "
        "at least 2 (the paper: 200); 0: it is not measured.",
    )
    contribution_partners: int = Field(
        10,
        ge=2,
        description="Others that each of these clips is mixed with, drawn at random; with no more "
        "others than that, all are taken and the score is exact.",
    )
    latents: Literal["means", "samples"] = Field(
        "means",
        description="What is decoded: a latent's mean, or a sample of it, in training a new one in "
        "every epoch; the same for methods that do not sample.",
    )
    checkpoint: CheckpointKind = Field("last", description="last or best, as for the probe.")

    @field_validator("contribution_clips")
    @classmethod
    def _forms_pairs(cls, clips: int) -> int:
        if clips == 1:
            raise ValueError("should be 0, or at least 2: the score is about pairs")
        return clips
