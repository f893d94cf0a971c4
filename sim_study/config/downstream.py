"""What is asked of a frozen encoder: probes, decoders, entanglement metrics."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim_study.config.strict import Strict
from sim_study.config.train import Target

DecoderLoss = Literal["mse", "spectral", "mse_spectral", "fft", "mse_fft", "mel", "mse_mel"]
MetricName = Literal["probe_weights", "mig", "dci"]
CheckpointKind = Literal["last", "best"]


class ProbeConfig(Strict):
    """Linear probes of every layer and target, under both protocols."""

    targets: tuple[Target, ...] = Field(
        ("vowel", "syllable"), min_length=1, description="What is read out, each by its own probe."
    )
    epochs: int = Field(50, ge=1, description="Passes over the training syllables.")
    batch_size: int = Field(64, ge=1, description="Clips a step.")
    learning_rate: float = Field(1e-3, gt=0, description="Adam's step size.")
    gradient_clip: float | None = Field(None, gt=0, description="Largest gradient norm.")
    standardise: bool = Field(
        False,
        description=(
            "Bring every feature to mean 0 and variance 1 over the training syllables. false: the "
            "reference, under which the small features of a narrow or untrained encoder stay at "
            "chance for want of steps, however much they tell."
        ),
    )
    checkpoint: CheckpointKind = Field(
        "last",
        description="last, or best: the epoch whose online probe read most, mean over layers.",
    )


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


class MetricsConfig(Strict):
    """Entanglement metrics, each beside its label-permutation null."""

    names: tuple[MetricName, ...] = ("probe_weights", "mig", "dci")
    factors: tuple[Literal["consonant", "vowel"], ...] = Field(("consonant", "vowel"), min_length=1)
    permutations: int = Field(10, ge=1, description="Label permutations behind each null.")
    bins: int = Field(20, ge=2, description="Equal-width bins a dimension, for mutual information.")
