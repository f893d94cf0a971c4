"""The reference's correlation, of what its command reads, and what it is worth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim_study.metrics.measures.kde_frames import KdeFrames, kde_of_subsets
from sim_study.metrics.measures.kde_reference import SAMPLES, kde_total_correlation
from sim_study.metrics.null import independent_dimensions, nulls
from sim_study.metrics.prepared import Prepared, prepare

KEY = "total_correlation_kde_frames/channels_"


def normal(samples: int, dims: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(samples, dims))


def read(sample: Prepared, seed: int = 0) -> dict[str, float]:
    return dict(KdeFrames().read(sample, seed).values)


@pytest.fixture
def given(noise_sample):
    """A sample of noise whose sampled frames are a function's argument."""
    return lambda frames: prepare(replace(noise_sample, sampled_frames=frames))


def test_subsets_read_what_each_reads_alone(golden):
    with np.load(golden / "downstream.npz") as arrays:
        codes, value = arrays["tc/codes"].astype(np.float64), float(arrays["tc/value"])
    chosen = {"all": np.arange(4), "pair": np.array([3, 1]), "one": np.array([2])}
    found = kde_of_subsets(codes, chosen)
    assert found["all"] == pytest.approx(value, rel=1e-9)
    assert found["pair"] == pytest.approx(kde_total_correlation(codes[:, [3, 1]]), rel=1e-12)
    assert found["one"] == 0


def test_frames_are_read_and_not_codes(given):
    frames = normal(300, 12)
    found = read(given(frames))
    assert list(found) == [f"{KEY}10", f"{KEY}all"]
    assert found[f"{KEY}all"] == pytest.approx(kde_total_correlation(frames), rel=1e-12)
    assert found != read(given(None))
    assert read(given(None))[f"{KEY}all"] == pytest.approx(
        read(given(given(None).raw_codes))[f"{KEY}all"], rel=1e-12
    )


def test_a_subset_is_drawn_at_random_and_all_dimensions_are_not_a_subset(given):
    sample = given(normal(200, 11) * np.geomspace(0.1, 1, 11))  # no two dimensions alike
    values = {read(sample, seed)[f"{KEY}10"] for seed in range(8)}
    assert len(values) > 3
    assert list(read(given(normal(200, 10)))) == [f"{KEY}all"]
    assert list(read(given(normal(200, 120)))) == [f"{KEY}{n}" for n in (10, 50, 100, "all")]


def test_more_frames_than_are_read_cost_no_more(given, monkeypatch):
    from sim_study.metrics.measures import kde_frames

    sizes: list[int] = []
    plain = kde_frames.log_densities
    monkeypatch.setattr(
        kde_frames, "log_densities", lambda codes: sizes.append(len(codes)) or plain(codes)
    )
    read(given(normal(SAMPLES + 500, 3)))
    assert set(sizes) == {SAMPLES}
    assert len(sizes) == 3 + 1


def test_dependence_of_few_dimensions_is_found_and_its_null_is_below(given):
    """One dimension and a noisy copy of it: the truth is half the log of 1 / (1 - r^2)."""
    first = normal(800, 1)
    sample = given(np.hstack([first, first + 0.1 * normal(800, 1, seed=1)]))
    (null,) = nulls([KdeFrames()], sample, 5, seed=0)
    value = read(sample)[f"{KEY}all"]
    assert value > null[f"{KEY}all"].mean + 10 * null[f"{KEY}all"].spread
    assert value == pytest.approx(0.5 * np.log(1 + 1 / 0.1**2), rel=0.3)


def test_of_ten_dimensions_it_tells_dependent_from_independent_no_more(given):
    """No frame has a neighbour, so that the joint density is that of a point's own kernel."""
    factor = normal(10, 4, seed=2)
    frames = normal(600, 4) @ factor.T + 0.3 * normal(600, 10, seed=1)
    covariance = np.corrcoef(frames.T)
    assert -0.5 * np.linalg.slogdet(covariance).logabsdet > 5  # nats of dependence
    sample = given(frames)
    (null,) = nulls([KdeFrames()], sample, 3, seed=0)
    assert read(sample)[f"{KEY}all"] == pytest.approx(null[f"{KEY}all"].mean, abs=0.1)


def test_the_null_of_frames_leaves_that_of_codes_as_it_was(noise_sample):
    plain, framed = (
        list(independent_dimensions(prepare(one), 3, seed=0))
        for one in (noise_sample, replace(noise_sample, sampled_frames=normal(50, 12)))
    )
    for before, after in zip(plain, framed, strict=True):
        assert np.array_equal(before.raw_codes, after.raw_codes)
        assert np.array_equal(before.test_codes, after.test_codes)
        assert before.sampled_frames is None
        assert np.array_equal(
            np.sort(after.sampled_frames, axis=0), np.sort(normal(50, 12), axis=0)
        )
