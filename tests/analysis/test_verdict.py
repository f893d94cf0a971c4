"""Two tests of a difference, adjusted for several, and what they come to."""

import math

import numpy as np
import pytest
from scipy import stats

from analysis.statistics.difference import Difference, paired, welch
from analysis.statistics.intervals import paired_difference
from analysis.statistics.optimism import flattery
from analysis.statistics.several import false_discovery_rate, holm
from analysis.statistics.verdict import judge


def test_paired_and_welch_agree_with_scipy():
    random = np.random.default_rng(0)
    a, b = random.normal(size=6), random.normal(0.5, 2.0, size=6)
    assert paired(a, b).p == pytest.approx(stats.ttest_rel(b, a).pvalue)
    interval, same = paired(a, b).interval(), paired_difference(a, b)
    assert (interval.low, interval.high) == pytest.approx((same.low, same.high), rel=1e-12)
    assert welch(a, b).p == pytest.approx(stats.ttest_ind(b, a, equal_var=False).pvalue)


def test_equivalence_is_the_ninety_percent_interval_within_what_matters():
    one = Difference(0.01, 0.02, 7, 8)
    ninety = one.interval(0.9)
    reach = max(-ninety.low, ninety.high)
    assert one.p_equivalent(reach) == pytest.approx(0.05)
    assert one.p_equivalent(1.01 * reach) < 0.05 < one.p_equivalent(0.99 * reach)
    assert Difference(-0.01, 0.02, 7, 8).p_equivalent(0.05) == one.p_equivalent(0.05)


def test_without_spread_nothing_is_known():
    for one in (paired([0.1, 0.2], [0.2, 0.3]), paired([0.1], [0.5]), welch([0.1], [0.5])):
        assert math.isnan(one.p)
        assert math.isnan(one.p_equivalent(1.0))
        assert math.isnan(one.interval().low)
    assert paired([], []).n == welch([], []).n == 0


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    adjusted = holm([0.01, math.nan, 0.02])
    assert adjusted[[0, 2]] == pytest.approx([0.02, 0.02])
    assert math.isnan(adjusted[1])


def test_false_discovery_rate_agrees_with_scipy():
    p = np.random.default_rng(1).uniform(size=20) ** 3
    assert false_discovery_rate(p) == pytest.approx(stats.false_discovery_control(p))
    assert math.isnan(false_discovery_rate([0.01, math.nan])[1])
    assert false_discovery_rate([0.01, math.nan])[0] == pytest.approx(0.01)
    assert len(false_discovery_rate([])) == 0


def test_each_verdict():
    error, matters = 0.01, 0.1
    means = [0.2, -0.2, 0.0, 0.09, 0.05, math.nan]
    known = [Difference(mean, error, 30, 31) for mean in means[:-1]]
    found = judge([*known, Difference(math.nan, math.nan, math.nan, 0)], [matters] * 6)
    assert [one.verdict for one in found] == [
        "larger",
        "smaller",
        "equivalent",
        "larger",  # surely not zero, and not surely below what matters
        "equivalent",  # surely not zero, surely less than what matters
        "not measured",
    ]
    (alone,) = judge([Difference(0.05, 0.04, 3, 4)], [matters])
    assert alone.verdict == "undecided"
    (flat,) = judge([Difference(0.5, math.nan, 2, 3)], [matters])
    assert flat.verdict == "undecided"


def test_tests_made_together_are_harder_to_pass():
    """Two standard errors and a half: p = 0.018 alone."""
    one = Difference(0.25, 0.1, 30, 31)
    idle = Difference(0.0, 0.1, 30, 31)
    assert judge([one], [0.1])[0].verdict == "larger"
    assert judge([one, idle, idle, idle], [0.1] * 4)[0].verdict == "undecided"


def test_the_flattery_of_a_choice():
    """Two configurations that are equal: the best mean of two is luck, and one left out tells."""
    random = np.random.default_rng(2)
    studies = random.normal(size=(2000, 2, 8))  # (study, configuration, seed); true means 0
    found = np.array([flattery(one) for one in studies])
    truly = studies.mean(axis=2).max(axis=1).mean()
    assert truly == pytest.approx(1 / math.sqrt(8 * math.pi), abs=0.03)
    assert found.mean() == pytest.approx(truly, abs=0.05)
    assert flattery([[1.0, 1.1, 0.9], [5.0, 5.1, 4.9]]) == pytest.approx(0)
    assert math.isnan(flattery([[1.0], [2.0]]))
