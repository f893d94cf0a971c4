"""A frozen encoder's codes under both protocols: of deterministic, and of sampled latents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch

from sim_study.config.identity import seed_for
from sim_study.config.probe import ACCURACY, INTERPRETABILITY
from sim_study.data.clips import Clips, Split
from sim_study.downstream.codes.features import clip_codes
from sim_study.model.encoder import Encoder

Encoded = TypeVar("Encoded")


@dataclass(frozen=True)
class Features:
    """Pooled features of both splits, under one protocol, and single frames.

    Args:
        train: By layer name: (clip, channel) float32.
        test: By layer name: (clip, channel) float32.
        frames: By split and layer name: (frame, channel) float32; empty unless asked for.
    """

    train: dict[str, np.ndarray]
    test: dict[str, np.ndarray]
    frames: dict[Split, dict[str, np.ndarray]]


def by_protocol(encoder: Encoder, encode: Callable[[bool], Encoded]) -> dict[str, Encoded]:
    """Return what `encode(sampled)` makes under each protocol.

    Methods that do not sample are encoded once, for both.
    """
    deterministic = encode(False)
    return {
        ACCURACY: deterministic,
        INTERPRETABILITY: encode(True) if encoder.config.traits.samples else deterministic,
    }


def protocol_features(
    encoder: Encoder,
    train: Clips,
    test: Clips,
    seed: int,
    device: torch.device | str = "cpu",
    *,
    frames: Mapping[Split, np.ndarray] | None = None,
) -> dict[str, Features]:
    """Encode both splits once for each protocol.

    Args:
        encoder: A frozen encoder.
        train: Training-split syllables.
        test: Test-split syllables.
        seed: Draws the sampled latents; the splits get different draws.
        device: Where to encode.
        frames: By split: frames to keep, as `clip_codes` counts them.

    Returns:
        By protocol; methods that do not sample share one set of arrays between protocols.
    """
    clips: dict[Split, Clips] = {"train": train, "test": test}

    def encode(sampled: bool) -> Features:
        codes = {
            split: clip_codes(
                encoder,
                of_split.samples,
                seed=seed_for(seed, split) if sampled else None,
                frames=(frames or {}).get(split),
                device=device,
            )
            for split, of_split in clips.items()
        }
        single = {split: of_split.frames for split, of_split in codes.items()}
        return Features(codes["train"].pooled, codes["test"].pooled, single)

    return by_protocol(encoder, encode)
