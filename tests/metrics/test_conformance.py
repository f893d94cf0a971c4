"""What every metric promises (sim_study/metrics/contract.py).

A metric that the registry finds is held to it without a line here. A code of one dimension a factor
must then read 0.95 at least; what a turn or a copy of its dimensions does is asked of those of
which it is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from sim_study.metrics.contract import Metric, Sample
from sim_study.metrics.measures import dci_forest
from sim_study.metrics.null import nulls
from sim_study.metrics.prepared import Prepared, prepare
from sim_study.metrics.registry import METRICS

FACTOR_METRICS = {name for name, one in METRICS.items() if one.chance == "permuted labels"}

LEAST = {
    "sap": 0.95 * 2 / 3,  # the rival of the dimension that names all is at chance, 1/3
    "dci_informativeness": 0.99,
    "dci_forest_informativeness": 0.99,
    "dci_forest_disentanglement": 0.8,  # each split sees one of the two dimensions
    "dci_forest_completeness": 0.8,
    "explicitness": 0.99,
    "told_dimensions": 2,
}
"""What a code of one dimension a factor, and no other, must read at least, where not 0.95."""

WORST = {"explicitness": 0.5}
"""Of a code that holds nothing, where it is neither 0 nor the accuracy of the commonest class."""

LOST = {
    "rotated": {"mig", "sap", "dci_disentanglement", "dci_completeness", "modularity", "infom"}
    | {"infoc", "modularity_weighted"},
    "duplicated": {"mig", "sap"},
}
"""What a turn by 45 degrees, and a copy of each dimension, take away wholly (to below 0.1)."""

KEPT = {
    "rotated": {"dci_informativeness", "explicitness", "infoe"},
    "duplicated": {"dci_informativeness", "explicitness", "infoe"}
    | {"dci_disentanglement", "modularity", "modularity_weighted", "infom"},
}
"""What they leave as it is."""

HALVED = {"dci_completeness": 0.5, "infoc": 1 / 3}
"""What a factor in two of four equal dimensions reads: 1 - ln 2 / ln 4, (1/2 - 1/4) / (1 - 1/4)."""


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """A forest promises the same with a tenth of its trees, in a tenth of the time."""
    monkeypatch.setattr(dci_forest, "TREES", 5)


@pytest.fixture(params=sorted(METRICS))
def metric(request: pytest.FixtureRequest) -> Metric:
    return METRICS[request.param]


@pytest.fixture(params=sorted(FACTOR_METRICS))
def factor_metric(request: pytest.FixtureRequest) -> Metric:
    return METRICS[request.param]


def prepared(sample: Sample) -> Prepared:
    return prepare(sample, penalties=(1e-3,))


def read(metric: Metric, sample: Sample, seed: int = 0) -> dict[str, float]:
    return dict(metric.read(prepared(sample), seed).values)


def quantity_of(key: str) -> str:
    return key.partition("/")[0]


def null_of(metric: Metric, sample: Sample, permutations: int = 10):
    return nulls([metric], prepared(sample), permutations, seed=0)[0]


def change(sample: Sample, by: Callable[[np.ndarray], np.ndarray]) -> Sample:
    return replace(sample, train_codes=by(sample.train_codes), test_codes=by(sample.test_codes))


def test_registry_is_keyed_by_name(metric):
    assert METRICS[metric.name] is metric


@pytest.mark.parametrize(
    "code",
    ["perfect", "identity", "rotated", "duplicated", "permuted", "mixed", "noise", "constant"],
)
def test_values_are_finite_and_in_range(metric, code, request):
    sample = request.getfixturevalue(f"{code}_sample")
    reading = metric.read(prepared(sample), 0)
    assert {quantity_of(key) for key in reading.values} == set(metric.quantities)
    for key, value in reading.values.items():
        assert np.isfinite(value), key
        assert metric.quantities[quantity_of(key)].contains(value), (key, value)
    active = prepare(sample).train_codes.shape[1]
    assert {len(part) for part in reading.by_dimension.values()} <= {active}
    assert {len(part) for part in reading.by_factor.values()} <= {len(sample.factors)}


def test_same_seed_same_values(metric, mixed_sample):
    assert read(metric, mixed_sample, 5) == read(metric, mixed_sample, 5)


def test_a_perfect_code_is_near_best(factor_metric, perfect_sample):
    for key, value in read(factor_metric, perfect_sample).items():
        assert value >= LEAST.get(quantity_of(key), 0.95), key


@pytest.mark.parametrize("other", ["permuted", "noise", "constant"])
def test_a_perfect_code_beats_one_that_holds_nothing(factor_metric, perfect_sample, other, request):
    best = read(factor_metric, perfect_sample)
    for key, value in read(factor_metric, request.getfixturevalue(f"{other}_sample")).items():
        assert best[key] > value, key


@pytest.mark.parametrize("other", ["rotated", "duplicated"])
def test_what_rotation_and_copies_take_away(factor_metric, perfect_sample, other, request):
    best = read(factor_metric, perfect_sample)
    for key, value in read(factor_metric, request.getfixturevalue(f"{other}_sample")).items():
        quantity = quantity_of(key)
        if quantity in LOST[other]:
            assert value < 0.1, key
        elif other == "duplicated" and quantity in HALVED:
            assert value == pytest.approx(HALVED[quantity], abs=0.05), key
        elif quantity in KEPT[other]:
            assert value == pytest.approx(best[key], abs=0.05), key


@pytest.mark.parametrize("other", ["rotated", "duplicated"])
def test_what_they_do_is_known_of_these(other):
    known = LOST[other] | KEPT[other] | (set(HALVED) if other == "duplicated" else set())
    assert known == {
        "mig", "sap", "dci_disentanglement", "dci_completeness", "dci_informativeness",
        "modularity", "modularity_weighted", "explicitness", "infom", "infoe", "infoc",
    }  # fmt: skip


def test_constant_code_is_worst(factor_metric, constant_sample):
    for key, value in read(factor_metric, constant_sample).items():
        if quantity_of(key).endswith("informativeness"):
            factor = key.partition("/")[2]
            majority = np.bincount(constant_sample.train_factors[factor]).argmax()
            assert value == np.mean(constant_sample.test_factors[factor] == majority)
        else:
            assert value == WORST.get(quantity_of(key), 0), key


def test_noise_is_within_its_null(metric, draw_noise):
    """The band: five spreads of the null and 0.02 for one code, two spreads for the mean of six."""
    away: dict[str, list[float]] = {}
    for seed in range(6):
        sample = draw_noise(seed)
        null = null_of(metric, sample, permutations=5 if metric.name == "dci_forest" else 10)
        for key in null:
            value = read(metric, sample)[key]
            assert abs(value - null[key].mean) <= 5 * null[key].spread + 0.02, (key, value, null)
            away.setdefault(key, []).append((value - null[key].mean, null[key].spread))
    for key, pairs in away.items():
        difference, spread = np.mean(pairs, axis=0)
        assert abs(difference) <= 2 * spread + 1e-6, (key, difference, spread)


def test_a_perfect_code_is_outside_its_null(factor_metric, perfect_sample):
    null = null_of(factor_metric, perfect_sample, permutations=5)
    for key, value in read(factor_metric, perfect_sample).items():
        assert value > null[key].p95, key
        assert null[key].spread >= 0


def test_a_permuted_code_is_within_its_null(factor_metric, permuted_sample):
    null = null_of(factor_metric, permuted_sample, permutations=20)
    for key, value in read(factor_metric, permuted_sample).items():
        assert abs(value - null[key].mean) <= 4 * null[key].spread + 0.02, key


def test_order_of_dimensions_does_not_matter(metric, mixed_sample):
    order = np.random.default_rng(1).permutation(mixed_sample.train_codes.shape[1])
    shuffled = change(mixed_sample, lambda codes: codes[:, order])
    assert read(metric, shuffled) == pytest.approx(read(metric, mixed_sample), abs=1e-9)


@pytest.mark.parametrize("smallest", [1e-2, 1e-6])
def test_scale_of_dimensions_does_not_matter_unless_said(metric, identity_sample, smallest):
    scale = np.geomspace(smallest, 100, identity_sample.train_codes.shape[1])
    rescaled = change(identity_sample, lambda codes: codes * scale)
    same = read(metric, rescaled) == pytest.approx(read(metric, identity_sample), abs=1e-6)
    assert same == (not metric.follows_scale)


def test_dead_dimensions_do_not_matter(metric, mixed_sample):
    def with_dead(codes: np.ndarray) -> np.ndarray:
        return np.hstack([codes, np.full((len(codes), 3), 0.7)])

    padded = change(mixed_sample, with_dead)
    assert read(metric, padded) == pytest.approx(read(metric, mixed_sample), abs=1e-9)


def test_a_class_missing_from_a_part_is_no_fault(metric, identity_sample: Sample):
    vowel = identity_sample.train_factors["vowel"]
    sample = replace(
        identity_sample,
        train_factors=dict(identity_sample.train_factors) | {"vowel": np.minimum(vowel, 1)},
        test_factors=dict(identity_sample.test_factors)
        | {"vowel": np.zeros_like(identity_sample.test_factors["vowel"])},
    )
    for key, value in read(metric, sample).items():
        assert metric.quantities[quantity_of(key)].contains(value), (key, value)


def test_one_factor_has_no_modularity(factor_metric, identity_sample):
    alone = replace(
        identity_sample,
        train_factors={"vowel": identity_sample.train_factors["vowel"]},
        test_factors={"vowel": identity_sample.test_factors["vowel"]},
        classes={"vowel": identity_sample.classes["vowel"]},
    )
    left = {quantity_of(key) for key in read(factor_metric, alone)}
    missing = set(factor_metric.quantities) - left
    assert missing == set(factor_metric.quantities) & {
        "modularity", "modularity_weighted", "infom", "dci_disentanglement",
        "dci_forest_disentanglement",
    }  # fmt: skip
