"""Linear probes of a frozen encoder."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim_study.config.strict import Strict
from sim_study.config.train import Target

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
