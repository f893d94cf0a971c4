"""Arrays as a probe trial keeps them, in which dimension 3 alone carries the vowel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sim_study.config.probe import ProbeConfig
from sim_study.ledger.feature_file import MEANS, SAMPLED, FeatureFile
from sim_study.ledger.probe_trial import ProbeTrial
from sim_study.ledger.probe_weight_file import ProbeWeightFile
from sim_study.views.shown_probe import ShownProbe, shown_probe

DIMENSIONS = 8
CARRIER = 3
LAYERS = ("module_0", "context")
VOWELS = ("a", "i")


def codes_of(labels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Noise of mean 5 and deviation 0.1; in dimension 3, -2 or 2 by label and hardly any noise."""
    codes = 5 + 0.1 * random.standard_normal((len(labels), DIMENSIONS))
    codes[:, CARRIER] = 4 * labels - 2 + 0.01 * random.standard_normal(len(labels))
    return codes.astype(np.float32)


def weights_of() -> np.ndarray:
    """A probe that reads dimension 3 and, as strongly per deviation, nothing else."""
    weight = np.zeros((2, DIMENSIONS), np.float32)
    weight[:, CARRIER] = (-1, 1)
    return weight


def arrays(seed: int = 0, clips: int = 60) -> tuple[dict[str, Any], dict[str, Any]]:
    """Content of `features.npz` and `probe_weights.npz`."""
    random = np.random.default_rng(seed)
    features: dict[str, Any] = {"classes/vowel": np.array(VOWELS)}
    weights: dict[str, Any] = {"classes/vowel": np.array(VOWELS)}
    labels = {split: np.arange(clips) % 2 for split in ("train", "test")}
    for split, of_split in labels.items():
        features[f"label/{split}/vowel"] = of_split
        for layer in LAYERS:
            for protocol in (MEANS, SAMPLED):
                features[f"{protocol}/{split}/{layer}"] = codes_of(of_split, random)
                features[f"frames/{protocol}/{split}/{layer}"] = random.standard_normal(
                    (100, DIMENSIONS)
                ).astype(np.float32)
    for layer in LAYERS:
        weights[f"{SAMPLED}/vowel/{layer}"] = weights_of()
        weights[f"{MEANS}/vowel/{layer}"] = weights_of()
    return features, weights


def trial_of(
    features: dict[str, Any], weights: dict[str, Any], *, standardise: bool = False
) -> ProbeTrial:
    """A probe trial that has kept these arrays."""
    config = ProbeConfig(standardise=standardise)
    return ProbeTrial(FeatureFile(features), ProbeWeightFile(weights), config)


@pytest.fixture
def kept_trial() -> ProbeTrial:
    return trial_of(*arrays())


@pytest.fixture
def vowel_probe(kept_trial: ProbeTrial) -> ShownProbe:
    return shown_probe(kept_trial, "vowel", "module_0", 1000, 0)


@pytest.fixture
def make_trial() -> Callable[..., ProbeTrial]:
    return trial_of


@pytest.fixture
def make_arrays() -> Callable[..., tuple[dict[str, Any], dict[str, Any]]]:
    return arrays
