import math

import numpy as np
import pytest
from scipy import stats

from analysis.statistics.intervals import (
    bootstrap_interval,
    cliffs_delta,
    hedges_g_paired,
    holm,
    iqm,
    mean_interval,
    paired_difference,
    paired_p,
    probability_of_improvement,
    small_sample_correction,
    t_quantile,
)
from analysis.statistics.power import detectable_effect, detection_sentence, power, seeds_needed


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


def test_why_the_bootstrap_waits_for_twenty_seeds():
    random = np.random.default_rng(2)
    values = random.normal(size=(1_000, 3))
    draws = random.integers(3, size=(1_000, 400, 3))  # (study, resample, seed)
    means = np.take_along_axis(values[:, None, :], draws, axis=2).mean(axis=2)
    low, high = np.quantile(means, [0.025, 0.975], axis=1)
    assert ((low <= 0) & (high >= 0)).mean() < 0.85
    with pytest.raises(ValueError, match="at least 20 seeds, not 3"):
        bootstrap_interval(values[0])


def test_bootstrap_is_near_the_t_interval_for_many_seeds():
    values = np.random.default_rng(3).normal(size=200)
    bootstrap = bootstrap_interval(values, lambda x: float(x.mean()), seed=1)
    t = mean_interval(values)
    assert bootstrap.mean == pytest.approx(t.mean)
    assert bootstrap.half_width == pytest.approx(t.half_width, rel=0.1)
    assert bootstrap == bootstrap_interval(values, lambda x: float(x.mean()), seed=1)


def test_whole_seeds_are_drawn_because_an_encoders_layers_are_no_independent_runs():
    random = np.random.default_rng(7)
    studies = random.normal(size=(200, 20))  # (study, seed); true value 0
    found = [
        bootstrap_interval(np.tile(one, (8, 1)), lambda x: float(x.mean()), resamples=200)
        for one in studies
    ]
    covered = np.mean([interval.low <= 0 <= interval.high for interval in found])
    assert 0.88 < covered <= 1.0


def test_sides_stay_paired_in_every_resample():
    a = np.random.default_rng(8).normal(size=(3, 20))  # (task, seed)
    paired = np.stack([a, a + 0.25], axis=-1)  # (task, seed, side)
    interval = bootstrap_interval(paired, lambda x: iqm(x[..., 1]) - iqm(x[..., 0]))
    assert (interval.low, interval.mean, interval.high) == pytest.approx((0.25, 0.25, 0.25))


def test_bootstrap_keeps_every_task_in_every_resample():
    values = np.repeat([[0.0], [1.0], [2.0], [9.0]], 20, axis=1)  # (task, seed), no spread
    interval = bootstrap_interval(values)
    assert (interval.low, interval.high) == (interval.mean, interval.mean) == (1.5, 1.5)


def test_pairing_removes_what_seeds_share():
    a = np.array([0.1, 0.5, 0.9])
    b = a + np.array([0.04, 0.06, 0.08])
    interval = paired_difference(a, b)
    assert interval.mean == pytest.approx(0.06)
    assert interval.low > 0
    assert paired_p(a, b) == pytest.approx(stats.ttest_rel(b, a).pvalue)
    assert stats.ttest_ind(b, a).pvalue > 0.8


def test_pairs_must_match():
    with pytest.raises(ValueError, match="not 2 and 3"):
        paired_difference([1, 2], [1, 2, 3])


def test_a_difference_without_spread_says_nothing_about_chance():
    interval = paired_difference([0.1, 0.2, 0.3], [0.2, 0.3, 0.4])
    assert interval.mean == pytest.approx(0.1)
    assert math.isnan(interval.low)
    assert math.isnan(paired_p([0.1, 0.2, 0.3], [0.2, 0.3, 0.4]))
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


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    adjusted = holm([0.01, math.nan, 0.02])
    assert adjusted[[0, 2]] == pytest.approx([0.02, 0.02])
    assert math.isnan(adjusted[1])


def test_iqm_ignores_the_outer_quarters():
    assert iqm([-100, 1, 2, 3, 4, 1000, 2, 3]) == pytest.approx(2.5)
    assert iqm([[1, 2], [3, 100]]) == pytest.approx(2.5)


@pytest.mark.parametrize(("d", "seeds"), [(2.0, 5), (1.0, 10), (0.5, 34)])
def test_seeds_needed_for_paired_arms(d, seeds):
    assert seeds_needed(d) == seeds


@pytest.mark.parametrize(("n", "d"), [(2, 11.54989), (3, 3.264044), (5, 1.681997), (20, 0.660442)])
def test_detectable_paired_effect_agrees_with_statsmodels(n, d):
    assert detectable_effect(n) == pytest.approx(d, rel=1e-4)  # TTestPower().solve_power


def test_power_is_the_significance_level_without_an_effect():
    assert power(0.0, 5) == pytest.approx(0.05, abs=1e-4)


def test_power_by_simulation():
    values = np.random.default_rng(5).normal(1.5, 1.0, size=(40_000, 4))  # (study, seed)
    t = values.mean(axis=1) / (values.std(axis=1, ddof=1) / 2)
    assert (np.abs(t) > t_quantile(3)).mean() == pytest.approx(power(1.5, 4), abs=0.01)


def test_detection_is_said_plainly():
    assert "can detect d >= 3.26" in detection_sentence(3)
    assert "cannot say how sure" in detection_sentence(1)
