"""Codes whose entanglement is known by construction."""

from __future__ import annotations

import numpy as np
import pytest

from sim_study.metrics.contract import Sample

CLASSES = {"consonant": ("b", "d", "g"), "vowel": ("a", "i", "u")}
TRAIN, TEST, DIMS = 1200, 400, 12


def draw_factors(seed: int) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(seed)
    return {name: generator.integers(0, 3, TRAIN + TEST) for name in CLASSES}


def make_sample(codes: np.ndarray, factors: dict[str, np.ndarray]) -> Sample:
    return Sample(
        codes[:TRAIN],
        codes[TRAIN:],
        {name: labels[:TRAIN] for name, labels in factors.items()},
        {name: labels[TRAIN:] for name, labels in factors.items()},
        {name: CLASSES[name] for name in factors},
    )


def one_dimension_a_factor(seed: int = 0, noise: float = 0.1) -> Sample:
    """Dimensions 0 and 1 are the factors, the others standard normal noise."""
    factors = draw_factors(seed)
    codes = np.random.default_rng(seed + 100).normal(size=(TRAIN + TEST, DIMS))
    for dim, labels in enumerate(factors.values()):
        codes[:, dim] = (labels - 1) * 1.22 + noise * codes[:, dim]
    return make_sample(codes, factors)


def every_dimension_both_factors(seed: int = 0) -> Sample:
    """Every dimension is a sum of both factors, with random signs and noise of its own."""
    factors = draw_factors(seed)
    generator = np.random.default_rng(seed + 100)
    signs = generator.choice([-1.0, 1.0], size=(2, DIMS))
    values = np.stack([labels - 1.0 for labels in factors.values()], axis=1)
    codes = values @ signs + 0.5 * generator.normal(size=(TRAIN + TEST, DIMS))
    return make_sample(codes, factors)


def noise(seed: int = 0) -> Sample:
    codes = np.random.default_rng(seed + 100).normal(size=(TRAIN + TEST, DIMS))
    return make_sample(codes, draw_factors(seed))


def constant(seed: int = 0) -> Sample:
    return make_sample(np.full((TRAIN + TEST, DIMS), 0.3), draw_factors(seed))


@pytest.fixture
def identity_sample() -> Sample:
    return one_dimension_a_factor()


@pytest.fixture
def mixed_sample() -> Sample:
    return every_dimension_both_factors()


@pytest.fixture
def noise_sample() -> Sample:
    return noise()


@pytest.fixture
def constant_sample() -> Sample:
    return constant()
