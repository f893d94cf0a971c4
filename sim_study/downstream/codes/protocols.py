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
from sim_study.downstream.codes.features import ClipCodes, clip_codes
from sim_study.downstream.codes.spans import sounding
from sim_study.ledger.feature_file import FramesOf, Unit
from sim_study.model.encoder import Encoder

Encoded = TypeVar("Encoded")


@dataclass(frozen=True)
class Features:
    """Features of both splits under one protocol.

    Args:
        train: Averaged over a clip's frames, by layer name: (clip, channel) float32.
        test: The same of the test split.
        parts: Thirds of clips, (clip, 3 * channel), and single frames, (frame, channel) float32, by
            what they are of, split and layer name; those that were asked for.
    """

    train: dict[str, np.ndarray]
    test: dict[str, np.ndarray]
    parts: dict[Unit, dict[Split, dict[str, np.ndarray]]]

    def of(self, unit: Unit) -> Mapping[Split, Mapping[str, np.ndarray]]:
        """Return codes of clips, thirds of clips or frames, by split and layer name."""
        return {"train": self.train, "test": self.test} if unit == "clips" else self.parts[unit]


Draws = Mapping[Split, Mapping[Unit, np.ndarray]]
"""By split and what they are of: frames to keep, as `clip_codes` counts them."""


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
    frames: Draws | None = None,
    thirds: bool = False,
) -> dict[str, Features]:
    """Encode both splits once for each protocol.

    Args:
        encoder: A frozen encoder.
        train: Training-split syllables.
        test: Test-split syllables.
        seed: Draws the sampled latents; the splits get different draws.
        device: Where to encode.
        frames: Which frames are kept.
        thirds: Whether thirds of clips are.

    Returns:
        By protocol; methods that do not sample share one set of arrays between protocols. Thirds,
        and frames of phones, are read as means only, and there are none of sampled latents.
    """
    clips: dict[Split, Clips] = {"train": train, "test": test}

    def encode(sampled: bool) -> Features:
        codes: dict[Split, ClipCodes] = {}
        for split, of_split in clips.items():
            drawn = (frames or {}).get(split, {})
            codes[split] = clip_codes(
                encoder,
                of_split.samples,
                seed=seed_for(seed, split) if sampled else None,
                frames={
                    unit: chosen
                    for unit, chosen in drawn.items()
                    if not (sampled and isinstance(unit, FramesOf))
                },
                spans=sounding(of_split) if thirds and not sampled else None,
                device=device,
            )
        parts: dict[Unit, dict[Split, dict[str, np.ndarray]]] = {}
        for split, made in codes.items():
            if made.thirds:
                parts.setdefault("thirds", {})[split] = made.thirds
            for unit, single in made.frames.items():
                parts.setdefault(unit, {})[split] = single
        return Features(codes["train"].pooled, codes["test"].pooled, parts)

    return by_protocol(encoder, encode)
