"""What an encoder is trained to do, how, and how it is watched."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim_study.config.probe import Pooling
from sim_study.config.strict import Strict
from sim_study.naming.targets import Target

KlReduction = Literal["frame_sum", "channel_sum"]
Precision = Literal["fp32", "bf16"]


class ObjectiveConfig(Strict):
    """InfoNCE, the KL pull of Smooth InfoMax, and what a supervised encoder is told."""

    prediction_steps: int = Field(10, ge=1, description="Frames predicted ahead, K.")
    negatives: int = Field(10, ge=1, description="Negatives a positive is told from.")
    window_frames: int = Field(
        128, ge=2, description="Longer sequences are cut to one random window of this length."
    )
    kld_weight: float = Field(0.01, ge=0, description="Weight of the KL term; SIM only.")
    kl_reduction: KlReduction = Field(
        "frame_sum",
        description="frame_sum: summed over frames, mean over channels and batch (the reference); "
        "channel_sum: summed over channels, mean over frames and batch (nats a frame).",
    )
    supervised_target: Target = Field(
        "vowel",
        description="Whose labels train the encoder and a linear head on its context: the mean "
        "over frames, or for phone each frame; supervised only.",
    )


class TrainConfig(Strict):
    """One Adam over all modules, all modules in the same step."""

    epochs: int = Field(1000, ge=0, description="Passes over the training clips.")
    batch_size: int = Field(64, ge=1, description="Clips a step.")
    learning_rate: float = Field(2e-4, gt=0, description="Adam's step size.")
    learning_rate_decay: float = Field(1.0, gt=0, le=1, description="Factor applied every epoch.")
    precision: Precision = Field(
        "fp32",
        description="bf16: products and latents in bfloat16 (autocast); weights, losses, softmax "
        "and Adam stay in float32.",
    )
    crop_samples: int | None = Field(
        None,
        ge=1600,
        multiple_of=160,
        description="Random crops of this length, from a multiple of 160; None: whole clips.",
    )


class OnlineProbeConfig(Strict):
    """A cheap linear probe on frozen features, scored on held-out *training* words."""

    target: Target = Field("vowel", description="What the probe reads out.")
    protocol: Literal["converged", "quick"] = Field(
        "converged",
        description="converged: the probe that the downstream stages fit. quick: one penalty, at "
        "most 200 iterations, as before version 0.2.",
    )
    pooling: Pooling = Field("mean", description="mean, thirds or frames, as for the probe.")
    every_epochs: int = Field(10, ge=1, description="Epochs between two probes (and checkpoints).")
    validation_fraction: float = Field(
        0.2, gt=0, lt=1, description="Fraction of the training split's words held out."
    )
