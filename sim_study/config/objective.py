"""What a module is trained to do."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim_study.config.strict import Strict
from sim_study.naming.targets import Target

KlReduction = Literal["frame_sum", "channel_sum"]


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
