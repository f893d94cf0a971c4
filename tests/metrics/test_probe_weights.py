from __future__ import annotations

import numpy as np
import pytest

from sim_study.downstream.codes.standardise import Moments, moments, standardise
from sim_study.metrics.label_weights import standardised_probe
from sim_study.metrics.measures.probe_weights import (
    effective_dimensions,
    gini,
    hoyer,
    probe_scores,
    top_k_curve,
    weight_concentration,
)
from sim_study.metrics.trained_probe import TrainedProbe

ONE_HOT = np.eye(8)[:1]
UNIFORM = np.full((1, 8), 0.3)
TWO_OF_EIGHT = np.array([[2.0, 2.0, 0, 0, 0, 0, 0, 0]])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (ONE_HOT, 1.0),
        (UNIFORM, 0.0),
        (TWO_OF_EIGHT, (np.sqrt(8) - np.sqrt(2)) / (np.sqrt(8) - 1)),
        (np.zeros((1, 8)), 0.0),
        (np.array([[3.0]]), 1.0),
    ],
)
def test_hoyer(rows, expected):
    assert hoyer(rows) == pytest.approx([expected], abs=1e-9)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (ONE_HOT, 1 - 1 / 8),
        (UNIFORM, 0.0),
        (TWO_OF_EIGHT, 1 - 2 / 8),
        (np.arange(1.0, 9.0)[None], (8 - 1) / (3 * 8)),  # 1 .. n: (n - 1) / 3n
        (np.zeros((1, 8)), 0.0),
    ],
)
def test_gini(rows, expected):
    assert gini(rows) == pytest.approx([expected], abs=1e-9)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [(ONE_HOT, 1.0), (UNIFORM, 8.0), (TWO_OF_EIGHT, 2.0), (np.zeros((1, 8)), 8.0)],
)
def test_effective_dimensions(rows, expected):
    assert effective_dimensions(rows) == pytest.approx([expected])


def opposite(weights: list[float]) -> np.ndarray:
    """Two labels, told apart by these weights: (2, dim), of mean 0 over labels."""
    return np.array([weights, weights]) * [[1.0], [-1.0]]


def test_a_weight_counts_with_the_scale_of_its_feature():
    weight = opposite([1.0, 100.0, 1.0, 1.0])
    assert weight_concentration(weight, np.array([1.0, 0.01, 1.0, 1.0])) == pytest.approx(
        {"hoyer": 0.0, "gini": 0.0, "effective_dimensions": 4.0}, abs=1e-9
    )


def test_dead_features_are_not_sparsity():
    weight = opposite([1.0] * 6)
    deviation = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    values = weight_concentration(weight, deviation)
    assert values == pytest.approx(
        {"hoyer": 0.0, "gini": 0.0, "effective_dimensions": 3.0}, abs=1e-9
    )


def test_mean_over_labels():
    # Two labels on one dimension, two spread over all eight.
    weight = np.vstack([ONE_HOT, -ONE_HOT, UNIFORM, -UNIFORM])
    values = weight_concentration(weight, np.ones(8))
    assert values["hoyer"] == pytest.approx(0.5)
    assert values["effective_dimensions"] == pytest.approx(4.5)


def test_only_what_tells_labels_apart_counts():
    # Each of three labels has a dimension: 2/3 of it is its own, 1/3 speaks against the others.
    values = weight_concentration(np.eye(3), np.ones(3))
    assert values["hoyer"] == pytest.approx((np.sqrt(3) - 4 / np.sqrt(6)) / (np.sqrt(3) - 1))
    shares = np.array([4, 1, 1]) / 6
    assert values["effective_dimensions"] == pytest.approx(np.exp(-(shares * np.log(shares)).sum()))


def test_a_vector_common_to_all_labels_changes_nothing():
    generator = np.random.default_rng(0)
    codes, labels = generator.normal(size=(60, 7)), generator.integers(0, 3, 60)
    weight, common = generator.normal(size=(3, 7)), 5 * generator.normal(size=7)
    deviation = generator.uniform(0.5, 2.0, 7)
    assert weight_concentration(weight + common, deviation) == pytest.approx(
        weight_concentration(weight, deviation)
    )
    ks = range(8)
    shifted = top_k_curve(weight + common, None, codes, labels, ks)
    assert shifted == top_k_curve(weight, None, codes, labels, ks)
    scales = Moments(np.zeros(7), deviation)
    scores = [
        probe_scores(TrainedProbe(w, None, scales, labels, codes, labels))
        for w in (weight, weight + common)
    ]
    assert scores[1] == pytest.approx(scores[0])


def test_standardised_probe_gives_the_same_logits():
    generator = np.random.default_rng(0)
    weight, bias = generator.normal(size=(3, 5)), generator.normal(size=3)
    codes = generator.normal(2.0, 0.3, size=(20, 5))
    mean, deviation = codes.mean(axis=0), codes.std(axis=0)
    scales = Moments(mean, deviation)
    new_weight, new_bias = standardised_probe(weight, bias, scales)
    standard = (codes - mean) / deviation
    assert standard @ new_weight.T + new_bias == pytest.approx(codes @ weight.T + bias)
    new_weight, new_bias = standardised_probe(weight, None, scales)
    assert standard @ new_weight.T + new_bias == pytest.approx(codes @ weight.T)


def test_top_k_curve_reaches_the_full_accuracy_with_the_heaviest_dimensions():
    # Two labels told by dimensions 3 and 5 together: each alone settles half of the clips.
    codes = np.zeros((4, 6))
    codes[:2, 3] = [1.0, -1.0]
    codes[2:, 5] = [1.0, -1.0]
    labels = np.array([0, 1, 0, 1])
    weight = np.zeros((2, 6))
    weight[0, [3, 5]] = [2.0, 1.0]
    weight[1, [3, 5]] = [-2.0, -1.0]
    curve = top_k_curve(weight, None, codes, labels, [0, 1, 2, 64])
    assert curve == {0: 0.5, 1: 0.75, 2: 1.0, 64: 1.0}


def test_labels_count_alike_when_dimensions_are_ranked():
    # Two labels, on dimensions 0 and 1, have weights a hundred times larger than two others, on 2
    # and 1: the sums of weights would choose 0, the sums of shares choose 1.
    weight = np.array([[100.0, 60, 0], [-100, -60, 0], [0, 0.6, 1], [0, -0.6, -1]])
    codes = np.array([[0.0, 1.0, 0.0], [0.0, -1.0, 0.0]])
    assert top_k_curve(weight, None, codes, np.array([0, 1]), [1]) == {1: 1.0}


def first_of_six(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A probe that reads two labels off dimension 0 of 6, with codes (clip, dim) and labels."""
    generator = np.random.default_rng(seed)
    labels = np.arange(200) % 2
    codes = 3.0 + generator.normal(size=(200, 6))
    codes[:, 0] = 0.5 - labels
    return opposite([2.0, 0, 0, 0, 0, 0]), codes, labels


def scores_of(weight: np.ndarray, codes: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    (standard,) = standardise(codes)
    return probe_scores(TrainedProbe(weight, None, moments(codes), labels, standard, labels))


def test_a_probe_on_one_dimension_has_the_best_scores():
    assert scores_of(*first_of_six()) == pytest.approx(
        {"hoyer": 1.0, "gini": 1 - 1 / 6, "effective_dimensions": 1.0, "top_k_accuracy": 1.0}
    )


def test_a_probe_spread_over_all_dimensions_has_the_worst_shape():
    _, codes, labels = first_of_six()
    weight = opposite([1.0] * 6) / codes.std(axis=0)
    scores = scores_of(weight, codes, labels)
    assert scores["hoyer"] == pytest.approx(0.0, abs=1e-9)
    assert scores["gini"] == pytest.approx(0.0, abs=1e-9)
    assert scores["effective_dimensions"] == pytest.approx(6.0)


def test_neither_order_nor_scale_nor_dead_dimensions_matter():
    weight, codes, labels = first_of_six()
    weight = weight + np.random.default_rng(1).normal(size=weight.shape)
    expected = pytest.approx(scores_of(weight, codes, labels))
    order = np.random.default_rng(2).permutation(6)
    assert scores_of(weight[:, order], codes[:, order], labels) == expected
    scale = np.geomspace(1e-6, 100, 6)
    assert scores_of(weight / scale, codes * scale, labels) == expected
    dead, unused = np.zeros((200, 3)), np.random.default_rng(3).normal(size=(2, 3))
    padded = np.hstack([weight, unused]), np.hstack([codes, dead])
    assert scores_of(*padded, labels) == expected


def test_without_active_dimensions_the_majority_is_left():
    codes = np.full((10, 4), 0.3)
    labels = np.array([0, 0, 0, 1, 1, 2, 1, 0, 2, 0])
    weight = np.random.default_rng(0).normal(size=(3, 4))
    assert scores_of(weight, codes, labels) == pytest.approx(
        {"hoyer": 0.0, "gini": 0.0, "effective_dimensions": 4.0, "top_k_accuracy": 0.5}
    )
