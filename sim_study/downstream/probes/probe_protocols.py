"""Every linear probe of one checkpoint: each layer, each target, both protocols."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch

from sim_study.config.identity import seed_for
from sim_study.config.probe import ACCURACY, INTERPRETABILITY, ProbeConfig
from sim_study.data.clips import Clips, Split
from sim_study.downstream.codes.features import clip_codes
from sim_study.downstream.codes.standardise import standardise
from sim_study.downstream.probes.learning_rates import fit_tuned_probe
from sim_study.downstream.probes.linear_probe import ProbeFit, majority_accuracy
from sim_study.model.encoder import Encoder
from sim_study.naming.targets import Target

PHONE: Target = "phone"
"""The target that every frame has a label of."""

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


@dataclass(frozen=True)
class Probes:
    """Probes of one checkpoint.

    Args:
        fits: By `protocol/target/layer`.
        chance: By target: the test accuracy (fraction 0-1) of always answering the training
            split's most frequent class.
    """

    fits: dict[str, ProbeFit]
    chance: dict[str, float]

    @property
    def metrics(self) -> dict[str, float]:
        """What they read, by metric key.

        `<protocol>/<target>/<layer>` (test) and `<protocol>_train/<target>/<layer>` are fractions
        0-1, as is `chance/<target>/all`; `<protocol>_learning_rate/<target>/<layer>` is there if
        it was chosen from several.
        """
        found = {f"chance/{target}/all": value for target, value in self.chance.items()}
        for key, fit in self.fits.items():
            protocol, place = key.split("/", 1)
            found[key] = fit.accuracy
            found[f"{protocol}_train/{place}"] = fit.train_accuracy
            if fit.tried is not None:
                found[f"{protocol}_learning_rate/{place}"] = fit.tried.chosen
        return found


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


def by_protocol(encoder: Encoder, encode: Callable[[bool], Encoded]) -> dict[str, Encoded]:
    """Return what `encode(sampled)` makes under each protocol.

    Methods that do not sample are encoded once, for both.
    """
    deterministic = encode(False)
    return {
        ACCURACY: deterministic,
        INTERPRETABILITY: encode(True) if encoder.config.traits.samples else deterministic,
    }


def run_probes(
    features: Mapping[str, Features], train: Clips, test: Clips, config: ProbeConfig, seed: int
) -> Probes:
    """Fit every probe of pooled features; phones have frames of their own, see `phone_probe`.

    Args:
        features: By protocol, from `protocol_features`.
        train: Training-split clips, in the features' order.
        test: Test-split clips, in the features' order.
        config: Targets and training.
        seed: Every probe gets a random stream of its own from it.
    """
    fits: dict[str, ProbeFit] = {}
    chance: dict[str, float] = {}
    for target in pooled_targets(config):
        chance[target] = majority_accuracy(train.labels[target], test.labels[target])
        for protocol, arrays in features.items():
            for layer, train_x in arrays.train.items():
                key = f"{protocol}/{target}/{layer}"
                codes = train_x, arrays.test[layer]
                if config.standardise:
                    train_scaled, test_scaled = standardise(*codes)
                    codes = train_scaled, test_scaled
                fits[key] = fit_tuned_probe(
                    codes,
                    (train, test),
                    target,
                    config,
                    bias=protocol == ACCURACY,
                    seed=seed_for(seed, key),
                )
    return Probes(fits, chance)


def pooled_targets(config: ProbeConfig) -> list[Target]:
    """Return the targets that a whole clip has one label of."""
    return [target for target in config.targets if target != PHONE]
