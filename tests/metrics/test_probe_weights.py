from __future__ import annotations

import numpy as np
import pytest

from sim_study.metrics.probe_weights import (
    effective_dimensions,
    gini,
    hoyer,
    standardised_probe,
    top_k_curve,
    weight_concentration,
)

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


def test_a_weight_counts_with_the_scale_of_its_feature():
    weight = np.array([[1.0, 100.0, 1.0, 1.0]])
    assert weight_concentration(weight, np.array([1.0, 0.01, 1.0, 1.0])) == pytest.approx(
        {"hoyer": 0.0, "gini": 0.0, "effective_dimensions": 4.0}, abs=1e-9
    )


def test_dead_features_are_not_sparsity():
    weight = np.ones((2, 6))
    deviation = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    values = weight_concentration(weight, deviation)
    assert values == pytest.approx(
        {"hoyer": 0.0, "gini": 0.0, "effective_dimensions": 3.0}, abs=1e-9
    )


def test_mean_over_labels():
    values = weight_concentration(np.vstack([ONE_HOT, UNIFORM]), np.ones(8))
    assert values["hoyer"] == pytest.approx(0.5)
    assert values["effective_dimensions"] == pytest.approx(4.5)


def test_standardised_probe_gives_the_same_logits():
    generator = np.random.default_rng(0)
    weight, bias = generator.normal(size=(3, 5)), generator.normal(size=3)
    codes = generator.normal(2.0, 0.3, size=(20, 5))
    mean, deviation = codes.mean(axis=0), codes.std(axis=0)
    new_weight, new_bias = standardised_probe(weight, bias, mean, deviation)
    standard = (codes - mean) / deviation
    assert standard @ new_weight.T + new_bias == pytest.approx(codes @ weight.T + bias)
    new_weight, new_bias = standardised_probe(weight, None, mean, deviation)
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
    # The first label's weights are a hundred times larger; both labels choose one dimension.
    weight = np.array([[100.0, 60.0, 0.0], [0.0, 0.6, 1.0]])
    codes = np.array([[0.0, 1.0, 0.0], [0.0, -1.0, 0.0]])
    assert top_k_curve(weight, None, codes, np.array([0, 1]), [1]) == {1: 1.0}
