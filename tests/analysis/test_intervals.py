import math

import numpy as np
import pytest
from scipy import stats

from analysis.statistics.difference import paired, welch
from analysis.statistics.intervals import (
    cliffs_delta,
    hedges_g_paired,
    mean_interval,
    paired_difference,
    probability_of_improvement,
    small_sample_correction,
    t_quantile,
)


def test_t_interval_by_hand():
    interval = mean_interval([1.0, 2.0, 3.0])  # sd 1, t(2) = 4.3027
    assert interval.mean == 2
    assert interval.half_width == pytest.approx(4.302653 / math.sqrt(3), rel=1e-6)
    assert interval.n == 3


def test_t_interval_agrees_with_scipy():
    values = np.random.default_rng(0).normal(size=7)
    low, high = stats.t.interval(0.95, 6, values.mean(), stats.sem(values))
    interval = mean_interval(values)
    assert (interval.low, interval.high) == pytest.approx((low, high), rel=1e-12)


def test_one_seed_has_a_mean_and_no_interval():
    interval = mean_interval([0.7])
    assert interval.mean == 0.7
    assert math.isnan(interval.low)
    assert mean_interval([]).n == 0


def test_equal_values_have_no_interval_rather_than_one_of_width_zero():
    interval = mean_interval([0.1 + 0.2, 0.3, 0.3])
    assert interval.mean == pytest.approx(0.3)
    assert math.isnan(interval.low)
    assert math.isnan(interval.half_width)
    assert interval.n == 3


def test_t_interval_covers_the_truth_at_three_seeds():
    values = np.random.default_rng(1).normal(0.4, 2.0, size=(40_000, 3))  # (study, seed)
    half = t_quantile(2) * values.std(axis=1, ddof=1) / math.sqrt(3)
    covered = np.abs(values.mean(axis=1) - 0.4) <= half
    assert covered.mean() == pytest.approx(0.95, abs=0.005)


def test_pairing_removes_what_seeds_share():
    a = np.array([0.1, 0.5, 0.9])
    b = a + np.array([0.04, 0.06, 0.08])
    interval = paired_difference(a, b)
    assert interval.mean == pytest.approx(0.06)
    assert interval.low > 0
    assert paired(a, b).p == pytest.approx(stats.ttest_rel(b, a).pvalue)
    assert welch(a, b).p > 0.8


def test_pairs_must_match():
    with pytest.raises(ValueError, match="not 2 and 3"):
        paired_difference([1, 2], [1, 2, 3])


def test_a_difference_without_spread_says_nothing_about_chance():
    interval = paired_difference([0.1, 0.2, 0.3], [0.2, 0.3, 0.4])
    assert interval.mean == pytest.approx(0.1)
    assert math.isnan(interval.low)
    assert math.isnan(paired([0.1, 0.2, 0.3], [0.2, 0.3, 0.4]).p)
    assert math.isnan(hedges_g_paired([0.1, 0.2, 0.3], [0.2, 0.3, 0.4]))


def test_hedges_g_by_hand():
    assert small_sample_correction(4) == pytest.approx(0.797885, rel=1e-5)
    # Differences 1, 2, 3: d_z = 2, two degrees of freedom, correction 1 / sqrt(pi).
    assert hedges_g_paired([0, 0, 0], [1, 2, 3]) == pytest.approx(2 / math.sqrt(math.pi))
    assert math.isnan(hedges_g_paired([0, 0], [1, 2]))


def test_hedges_g_is_unbiased():
    random = np.random.default_rng(4)
    differences = random.normal(1.0, 1.0, size=(4_000, 6))  # (study, seed); true effect 1
    found = [hedges_g_paired(np.zeros(6), row) for row in differences]
    assert np.mean(found) == pytest.approx(1.0, abs=0.04)


def test_cliffs_delta_and_probability_of_improvement():
    assert cliffs_delta([1, 2], [3, 4]) == 1
    assert cliffs_delta([3, 4], [1, 2]) == -1
    assert probability_of_improvement([1, 2, 3], [1, 2, 3]) == 0.5
    assert probability_of_improvement([1, 2], [2, 3]) == pytest.approx(3.5 / 4)
