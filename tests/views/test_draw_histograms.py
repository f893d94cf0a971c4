import numpy as np
import pytest

from sim_study.views.draw_histograms import histogram, moments_beside_prior, reach, widest


def test_distance_from_the_prior_has_its_closed_form():
    codes = np.array([[-1.0, 1.0, 7.0], [1.0, 5.0, 7.0]])
    mean, deviation, kl = moments_beside_prior(codes).T
    assert mean.tolist() == [0, 3, 7]
    assert deviation.tolist() == [1, 2, 0]
    assert kl[0] == 0  # the prior's own mean and deviation
    assert kl[1] == pytest.approx((9 + 4 - 1) / 2 - np.log(2))
    assert kl[2] == np.inf


def test_a_histogram_is_a_density_of_all_values():
    values = np.random.default_rng(0).standard_normal((2000, 50))
    found = histogram(values, 4.0)
    assert (found.density * np.diff(found.edges)).sum() == pytest.approx(1, abs=1e-3)
    at_zero = found.density[len(found.density) // 2]
    assert at_zero == pytest.approx(1 / np.sqrt(2 * np.pi), rel=0.1)
    half = histogram(np.array([0.0, 100.0]), 4.0)
    assert (half.density * np.diff(half.edges)).sum() == pytest.approx(0.5)


def test_histograms_reach_over_the_prior_and_the_values():
    assert reach(np.zeros((5, 2))) == 4.0
    assert reach(np.zeros((5, 2)), np.full((5, 2), -20.0)) == 20.0


def test_widest_dimensions_come_first():
    codes = np.array([[0.0, 0.0, 0.0], [1.0, 5.0, 2.0]])
    assert widest(codes, 2).tolist() == [1, 2]
