"""How large codes of a corpus are, and which of them stay in memory: arithmetic only."""

from __future__ import annotations

from sim_study.config.geometry import module_layers
from sim_study.config.model import ModelConfig

KEPT_BYTES = 2**30
"""Codes of a split up to this size stay in memory. Those of a larger one (100 hours at 512
channels: 250 GB a protocol) are made anew in every pass, and come out the same."""

FLOAT_BYTES = 4


def code_bytes(model: ModelConfig, frames: int) -> int:
    """Return the bytes of the codes of every layer at so many frames of the last one."""
    channels = model.channels * len(module_layers(model)) + model.context_channels
    return frames * channels * FLOAT_BYTES
