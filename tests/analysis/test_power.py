"""What a number of seeds can decide: known values, and the truth by simulation."""

import numpy as np
import pytest

from analysis.statistics.intervals import t_quantile
from analysis.statistics.power import (
    MANY,
    detectable_effect,
    detection_sentence,
    equivalence_power,
    power,
    seeds_needed,
    seeds_to_settle,
)


@pytest.mark.parametrize(("d", "seeds"), [(2.0, 5), (1.0, 10), (0.5, 34)])
def test_seeds_needed_for_paired_arms(d, seeds):
    assert seeds_needed(d) == seeds
    assert seeds_needed(d, 0.05 / 4) > seeds


@pytest.mark.parametrize(("n", "d"), [(2, 11.54989), (3, 3.264044), (5, 1.681997), (20, 0.660442)])
def test_detectable_paired_effect_agrees_with_statsmodels(n, d):
    assert detectable_effect(n) == pytest.approx(d, rel=1e-4)  # TTestPower().solve_power


def test_power_is_the_significance_level_without_an_effect():
    assert power(0.0, 5) == pytest.approx(0.05, abs=1e-4)
    assert power(0.0, 5, 0.0125) == pytest.approx(0.0125, abs=1e-4)


def test_power_by_simulation():
    values = np.random.default_rng(5).normal(1.5, 1.0, size=(40_000, 4))  # (study, seed)
    t = values.mean(axis=1) / (values.std(axis=1, ddof=1) / 2)
    assert (np.abs(t) > t_quantile(3)).mean() == pytest.approx(power(1.5, 4), abs=0.01)


def test_equivalence_power_by_simulation():
    values = np.random.default_rng(6).normal(0.0, 1.0, size=(40_000, 9))  # (study, seed)
    error = values.std(axis=1, ddof=1) / 3
    within = np.abs(values.mean(axis=1)) + t_quantile(8, 0.9) * error < 1.2
    assert within.mean() == pytest.approx(equivalence_power(1.2, 9), abs=0.01)
    assert equivalence_power(1.2, 9, 0.0125) < equivalence_power(1.2, 9)


def test_as_many_seeds_settle_as_both_answers_need():
    n = seeds_to_settle(1.0, 0.0125)
    both = [min(power(1.0, m, 0.0125), equivalence_power(1.0, m, 0.0125)) for m in (n - 1, n)]
    assert both[0] < 0.8 <= both[1]
    assert seeds_to_settle(0.001) == MANY


def test_detection_is_said_of_the_test_that_is_made():
    assert "(two-sided 5 %, one test) can detect d >= 3.26" in detection_sentence(3, 1)
    d = detectable_effect(8, 0.0125)
    assert f"(two-sided 5 %, Holm over 4 tests) can detect d >= {d:.2f}" in detection_sentence(8, 4)
    assert "cannot say how sure" in detection_sentence(1, 1)
