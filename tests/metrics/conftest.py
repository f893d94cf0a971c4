"""Codes whose entanglement is known by construction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from sim_study.downstream.codes.standardise import moments
from sim_study.metrics.contract import Sample, TrainedProbe

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


def perfect(seed: int = 0) -> Sample:
    """Dimensions 0 and 1 are the factors, and there is no other."""
    return change_codes(one_dimension_a_factor(seed), lambda codes: codes[:, :2])


def rotated(seed: int = 0) -> Sample:
    """The factors' plane turned by 45 degrees: each dimension holds as much of both."""
    turn = np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2)
    return change_codes(perfect(seed), lambda codes: codes @ turn)


def duplicated(seed: int = 0) -> Sample:
    """Each factor in two equal dimensions, and there is no other."""
    return change_codes(perfect(seed), lambda codes: np.repeat(codes, 2, axis=1))


def permuted(seed: int = 0) -> Sample:
    """A perfect code whose clips and labels were torn apart."""
    sample, generator = perfect(seed), np.random.default_rng(seed + 200)
    orders = generator.permutation(TRAIN), generator.permutation(TEST)
    return replace(
        sample,
        train_factors={name: one[orders[0]] for name, one in sample.train_factors.items()},
        test_factors={name: one[orders[1]] for name, one in sample.test_factors.items()},
    )


def change_codes(sample: Sample, change: Callable[[np.ndarray], np.ndarray]) -> Sample:
    train, test = change(sample.train_codes), change(sample.test_codes)
    return replace(sample, train_codes=train, test_codes=test)


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


def turned(seed: int = 0) -> Sample:
    """One dimension a factor, in noise, then the whole code rotated at random."""
    basis, upper = np.linalg.qr(np.random.default_rng(seed).standard_normal((DIMS, DIMS)))
    rotation = basis * np.sign(np.diagonal(upper))
    return change_codes(one_dimension_a_factor(seed, noise=0.3), lambda codes: codes @ rotation)


@pytest.fixture(scope="session")
def draw_code() -> dict[str, Callable[[int], Sample]]:
    """By kind: a code of any seed."""
    aligned = partial(one_dimension_a_factor, noise=0.3)
    return {"aligned": aligned, "turned": turned, "noise": noise}


@pytest.fixture
def identity_sample() -> Sample:
    return one_dimension_a_factor()


@pytest.fixture
def perfect_sample() -> Sample:
    return perfect()


@pytest.fixture
def rotated_sample() -> Sample:
    return rotated()


@pytest.fixture
def duplicated_sample() -> Sample:
    return duplicated()


@pytest.fixture
def permuted_sample() -> Sample:
    return permuted()


@pytest.fixture
def mixed_sample() -> Sample:
    return every_dimension_both_factors()


@pytest.fixture
def noise_sample() -> Sample:
    return noise()


@pytest.fixture
def constant_sample() -> Sample:
    return constant()


@pytest.fixture
def draw_noise() -> Callable[[int], Sample]:
    return noise


@pytest.fixture
def one_dimension_probe() -> TrainedProbe:
    """Reads dimension 3 of 8, which alone carries one of two labels of 60 clips."""
    generator = np.random.default_rng(0)
    labels = np.arange(60) % 2
    train, test = (5 + 0.1 * generator.standard_normal((60, 8)) for _ in range(2))
    for codes in (train, test):
        codes[:, 3] = 4 * labels - 2 + 0.01 * generator.standard_normal(60)
    weight = np.zeros((2, 8))
    weight[:, 3] = (-1, 1)
    scales = moments(train)
    return TrainedProbe(weight, None, scales, labels, scales.standardise(test), labels)
