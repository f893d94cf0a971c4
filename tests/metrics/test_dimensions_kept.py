from dataclasses import replace

import numpy as np
import pytest

from sim_study.downstream.codes.standardise import moments
from sim_study.metrics.contract import TrainedProbe
from sim_study.metrics.label_weights import standardised_probe
from sim_study.metrics.measures.dimensions_kept import (
    METRIC,
    Kept,
    accuracy_in_order,
    beats_chance,
    dimensions_needed,
    kept,
)


def kept_of(probe: TrainedProbe, orders: int) -> Kept:
    weight, bias = standardised_probe(probe.weight, probe.bias, probe.scales)
    return kept(weight, bias, probe.test_codes, probe.test_labels, 0.5, orders, seed=0)


@pytest.mark.parametrize(
    ("accuracy", "goal", "needed"),
    [
        ([0.2, 0.5, 0.92, 0.95, 1.0], 0.9, 3),
        ([0.9, 1.0, 1.0, 1.0], 0.9, 1),  # exactly the goal is enough
        ([0.95, 0.5, 0.93, 1.0], 0.9, 3),  # a lucky first does not count: 0.725 twice, 0.93, 1
        ([0.3, 0.96, 0.88, 0.97, 1.0], 0.9, 2),  # an unlucky third neither: 0.92 twice
        ([0.9, 0.8, 0.7, 0.6], 0.56, 1),  # what further dimensions only spoil needs one
        ([0.5, 0.5, 0.5, 1.0], 0.95, 4),
    ],
)
def test_needed_is_read_from_the_best_rising_curve(accuracy, goal, needed):
    assert dimensions_needed(np.array(accuracy), goal) == needed


def test_chance_is_beaten_only_by_more_than_luck():
    # of 100 guesses at 0.5, at most 58 are right in 95 % of cases
    assert not beats_chance(0.58, 0.5, 100)
    assert beats_chance(0.59, 0.5, 100)
    assert beats_chance(0.53, 0.5, 10_000)


def test_a_code_that_holds_nothing_needs_all_its_dimensions(one_dimension_probe):
    found = kept_of(replace(one_dimension_probe, test_labels=np.tile([0, 0, 1, 1], 15)), 3)
    assert found.accuracy[-1] == 0.5
    assert (found.reads, found.needed, found.needed_at_random) == (False, 8, 8.0)


def test_one_dimension_is_enough_where_one_carries_all(one_dimension_probe):
    found = kept_of(one_dimension_probe, 40)
    assert found.needed == 1
    assert found.accuracy.tolist() == [1.0] * 8
    assert (found.chance, found.goal, found.reads) == (0.5, 0.95, True)
    # in a random order it comes at place 1 to 8 with equal probability
    assert 3.3 < found.needed_at_random < 5.7


def test_the_metric_reads_both_numbers_of_a_probe(one_dimension_probe):
    values = METRIC.read(one_dimension_probe, 0).values
    assert values == kept_of(one_dimension_probe, 20).values
    assert values["dimensions_for_90"] == 1
    dead = np.full((60, 8), 0.3)
    scales = moments(dead)
    nothing = replace(one_dimension_probe, scales=scales, test_codes=scales.standardise(dead))
    assert set(METRIC.read(nothing, 0).values.values()) == {8}


def test_dimensions_left_out_stay_at_their_mean():
    weight = np.array([[1.0, 0.0], [0.0, 1.0]])
    codes = np.array([[1.0, 2.0], [2.0, 1.0], [-1.0, -2.0], [-1.0, 3.0]])
    labels = np.array([1, 0, 0, 1])
    own = accuracy_in_order(weight, np.zeros(2), codes, labels, np.array([0, 1]))
    # dimension 0 alone decides by its sign: 0, 0, 1, 1; then both: 1, 0, 0, 1
    assert own.tolist() == [0.5, 1.0]


def test_the_bias_counts_from_the_first_dimension_on():
    weight, bias = np.array([[1.0], [0.0]]), np.array([0.0, 1.5])
    codes = np.array([[1.0], [2.0]])
    assert accuracy_in_order(weight, bias, codes, np.array([1, 0]), np.array([0])).tolist() == [1.0]
