"""What every metric promises (sim_study/metrics/contract.py)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from sim_study.metrics.contract import Metric, Sample
from sim_study.metrics.null import permutation_null
from sim_study.metrics.preprocess import prepare
from sim_study.metrics.registry import METRICS

NEAR_BEST = {"mig": 0.95, "dci": 0.85}
"""Least fraction of the way from worst to best that one dimension a factor must go."""


@pytest.fixture(params=sorted(METRICS))
def metric(request: pytest.FixtureRequest) -> Metric:
    return METRICS[request.param]


def compute(metric: Metric, sample: Sample, seed: int = 0) -> dict[str, float]:
    return metric.compute(prepare(sample), seed)


def goodness(metric: Metric, values: dict[str, float]) -> Iterator[tuple[str, float]]:
    """Values by key, turned so that higher is better."""
    for key, value in values.items():
        better = metric.quantities[key.partition("/")[0]].better
        assert better in ("higher", "lower")
        yield key, value if better == "higher" else -value


def test_registry_is_keyed_by_name(metric):
    assert METRICS[metric.name] is metric


@pytest.mark.parametrize("code", ["identity", "mixed", "noise", "constant"])
def test_values_are_finite_and_in_range(metric, code, request):
    sample = request.getfixturevalue(f"{code}_sample")
    values = compute(metric, sample)
    assert {key.partition("/")[0] for key in values} == set(metric.quantities)
    for key, value in values.items():
        assert np.isfinite(value), key
        assert metric.quantities[key.partition("/")[0]].contains(value), (key, value)


def test_same_seed_same_values(metric, mixed_sample):
    assert compute(metric, mixed_sample, 5) == compute(metric, mixed_sample, 5)


def test_one_dimension_a_factor_is_near_best(metric, identity_sample, constant_sample):
    worst = compute(metric, constant_sample)
    for key, value in compute(metric, identity_sample).items():
        quantity = metric.quantities[key.partition("/")[0]]
        best = quantity.high if quantity.better == "higher" else quantity.low
        assert (value - worst[key]) / (best - worst[key]) >= NEAR_BEST[metric.name], key


@pytest.mark.parametrize("other", ["mixed", "noise", "constant"])
def test_one_dimension_a_factor_beats(metric, identity_sample, other, request):
    best = dict(goodness(metric, compute(metric, identity_sample)))
    sample = request.getfixturevalue(f"{other}_sample")
    for key, value in goodness(metric, compute(metric, sample)):
        if "informativeness" in key and other == "mixed":
            assert best[key] >= value - 0.02, key  # both codes tell the factors
        else:
            assert best[key] > value, key


def test_constant_code_is_worst(metric, constant_sample):
    values = compute(metric, constant_sample)
    for key, value in values.items():
        quantity = key.partition("/")[0]
        if quantity == "dci_informativeness":
            factor = key.partition("/")[2]
            majority = np.bincount(constant_sample.train_factors[factor]).argmax()
            assert value == np.mean(constant_sample.test_factors[factor] == majority)
        else:
            assert value == 0, key


def test_noise_is_near_its_null(metric, noise_sample):
    null = permutation_null(metric, prepare(noise_sample), permutations=10, seed=0)
    for key, value in compute(metric, noise_sample).items():
        spread = null[key].p95 - null[key].mean
        assert abs(value - null[key].mean) <= 2.5 * spread + 0.01, (key, value, null[key])


def test_identity_is_outside_its_null(metric, identity_sample):
    null = permutation_null(metric, prepare(identity_sample), permutations=5, seed=0)
    for key, value in compute(metric, identity_sample).items():
        assert metric.quantities[key.partition("/")[0]].better == "higher"
        assert value > null[key].p95, key


def test_order_of_dimensions_does_not_matter(metric, mixed_sample):
    order = np.random.default_rng(1).permutation(mixed_sample.train_codes.shape[1])
    shuffled = replace(
        mixed_sample,
        train_codes=mixed_sample.train_codes[:, order],
        test_codes=mixed_sample.test_codes[:, order],
    )
    assert compute(metric, shuffled) == pytest.approx(compute(metric, mixed_sample), abs=1e-9)


@pytest.mark.parametrize("smallest", [1e-2, 1e-6])
def test_scale_of_dimensions_does_not_matter(metric, identity_sample, smallest):
    scale = np.geomspace(smallest, 100, identity_sample.train_codes.shape[1])
    rescaled = replace(
        identity_sample,
        train_codes=identity_sample.train_codes * scale,
        test_codes=identity_sample.test_codes * scale,
    )
    assert compute(metric, rescaled) == pytest.approx(compute(metric, identity_sample), abs=1e-6)


def test_dead_dimensions_do_not_matter(metric, mixed_sample):
    def with_dead(codes: np.ndarray) -> np.ndarray:
        return np.hstack([codes, np.full((len(codes), 3), 0.7)])

    padded = replace(
        mixed_sample,
        train_codes=with_dead(mixed_sample.train_codes),
        test_codes=with_dead(mixed_sample.test_codes),
    )
    assert compute(metric, padded) == pytest.approx(compute(metric, mixed_sample), abs=1e-9)


def test_a_class_missing_from_a_part_is_no_fault(metric, identity_sample: Sample):
    vowel = identity_sample.train_factors["vowel"]
    sample = replace(
        identity_sample,
        train_factors=dict(identity_sample.train_factors) | {"vowel": np.minimum(vowel, 1)},
        test_factors=dict(identity_sample.test_factors)
        | {"vowel": np.zeros_like(identity_sample.test_factors["vowel"])},
    )
    for key, value in compute(metric, sample).items():
        assert metric.quantities[key.partition("/")[0]].contains(value), (key, value)
