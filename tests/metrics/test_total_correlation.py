from __future__ import annotations

import numpy as np
import pytest

from sim_study.metrics.measures.kde_reference import kde_total_correlation
from sim_study.metrics.measures.total_correlation import (
    TotalCorrelation,
    gaussian_total_correlation,
)
from sim_study.metrics.null import independent_dimensions
from sim_study.metrics.prepared import prepare


def gaussian(correlation: np.ndarray, samples: int, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    codes = generator.multivariate_normal(np.zeros(len(correlation)), correlation, samples)
    return (codes - codes.mean(axis=0)) / codes.std(axis=0)


@pytest.mark.parametrize("correlation", [0.0, 0.3, -0.8, 0.95])
def test_two_gaussians_have_their_mutual_information(correlation):
    matrix = np.array([[1.0, correlation], [correlation, 1.0]])
    value, told = gaussian_total_correlation(gaussian(matrix, 50_000))
    assert value == pytest.approx(-0.5 * np.log(1 - correlation**2), abs=0.01)
    assert told == pytest.approx([correlation**2] * 2, abs=0.01)


def test_many_gaussians_have_half_the_log_determinant():
    generator = np.random.default_rng(1)
    factor = generator.normal(size=(8, 3))
    covariance = factor @ factor.T + np.eye(8)
    scale = np.sqrt(np.diagonal(covariance))
    matrix = covariance / np.outer(scale, scale)
    value, told = gaussian_total_correlation(gaussian(matrix, 50_000))
    assert value == pytest.approx(-0.5 * np.linalg.slogdet(matrix)[1], rel=0.02)
    assert told == pytest.approx(1 - 1 / np.diagonal(np.linalg.inv(matrix)), abs=0.02)


@pytest.mark.parametrize(("dims", "samples"), [(32, 2000), (512, 2000), (512, 300)])
def test_independent_dimensions_read_next_to_nothing(dims, samples):
    codes = np.random.default_rng(0).normal(size=(samples, dims))
    assert gaussian_total_correlation(codes)[0] < 0.001 * dims


def test_copies_are_dependent_and_finite():
    codes = np.random.default_rng(0).normal(size=(1000, 4))
    value, told = gaussian_total_correlation(np.hstack([codes, codes]))
    assert 4 < value < 100
    assert (told > 0.9).all()


@pytest.mark.parametrize("dims", [0, 1])
def test_a_lone_dimension_depends_on_nothing(dims):
    value, told = gaussian_total_correlation(np.ones((10, dims)))
    assert value == 0
    assert told.shape == (dims,)


def test_the_null_keeps_each_dimension_and_breaks_their_tie(mixed_sample):
    prepared = prepare(mixed_sample)
    drawn = next(independent_dimensions(prepared, 1, seed=0))
    for ours, given in (
        (drawn.train_codes, prepared.train_codes),
        (drawn.raw_codes, prepared.raw_codes),
        (drawn.test_codes, prepared.test_codes),
    ):
        assert np.sort(ours, axis=0) == pytest.approx(np.sort(given, axis=0))
        assert (ours != given).any(axis=0).all()
    read = TotalCorrelation().read
    tied, torn = (read(one, 0).values["total_correlation"] for one in (prepared, drawn))
    assert tied > 1 > 0.05 > torn


def test_the_reference_estimate_is_far_off_and_follows_scale():
    codes = np.random.default_rng(0).normal(size=(600, 8))
    assert kde_total_correlation(codes) > 5  # the truth is 0
    assert kde_total_correlation(0.01 * codes) < 0.1


def test_kernel_densities_are_those_of_scikit_learn():
    from sklearn.neighbors import KernelDensity

    codes = np.random.default_rng(0).normal(size=(80, 3))

    def densities(part):
        return KernelDensity(bandwidth=0.1).fit(part).score_samples(part)

    ratio = densities(codes) - sum(densities(codes[:, [dim]]) for dim in range(3))
    assert kde_total_correlation(codes) == pytest.approx(ratio.mean(), rel=1e-9)


def test_the_reference_estimate_agrees_with_the_recorded_one(golden):
    with np.load(golden / "downstream.npz") as arrays:
        value = kde_total_correlation(arrays["tc/codes"])
        assert value == pytest.approx(float(arrays["tc/value"]), rel=1e-9)
