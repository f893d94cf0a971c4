from __future__ import annotations

import numpy as np
import pytest

from sim_study.metrics.measures.udr import agreement, standard_ranks, udr

CLIPS, DIMS, ENCODERS = 400, 5, 4


def independent(seed: int, dims: int = DIMS) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(CLIPS, dims))


def disguised(codes: np.ndarray, seed: int) -> np.ndarray:
    """The same dimensions in another order, stretched and some turned round."""
    generator = np.random.default_rng(seed)
    signs = generator.choice([-1.0, 1.0], size=codes.shape[1])
    return (np.exp(codes) * signs * 100)[:, generator.permutation(codes.shape[1])]


def turned(codes: np.ndarray, seed: int) -> np.ndarray:
    square = np.random.default_rng(seed).normal(size=(codes.shape[1],) * 2)
    return codes @ np.linalg.qr(square)[0]


@pytest.mark.parametrize(
    ("similarity", "expected"),
    [
        (np.eye(3), 1.0),
        (np.eye(3)[[2, 0, 1]], 1.0),
        (np.full((2, 2), 0.5), 0.25),  # 0.25 of a sum of 1
        (np.zeros((3, 2)), 0.0),
        (np.zeros((3, 0)), 0.0),
        # Two dimensions go with one of the other side's: (1 + 1 + 1/2) / 3.
        (np.array([[1.0], [1.0]]), 2.5 / 3),
    ],
)
def test_agreement(similarity, expected):
    assert agreement(similarity) == pytest.approx(expected)


def test_the_same_dimensions_in_disguise_read_as_the_same():
    codes = independent(0)
    plain = udr([codes] * ENCODERS, 3, seed=0)
    found = udr([disguised(codes, seed) for seed in range(ENCODERS)], 3, seed=0)
    assert found.value == pytest.approx(plain.value)
    # Of five dimensions the other four correlate by chance, 0.04 on the average.
    assert found.value > 0.8 > 0.05 > found.null.p95
    assert found.by_encoder == pytest.approx(np.full(ENCODERS, found.value))
    assert found.samples == CLIPS


def test_a_turn_takes_the_agreement_away():
    codes = independent(0)
    found = udr([turned(codes, seed) for seed in range(ENCODERS)], 5, seed=0)
    assert 0.1 < found.value < 0.5


def test_noise_is_within_its_null():
    """The band: five spreads for one set of encoders, two for the mean of six."""
    away = []
    for seed in range(6):
        encoders = [independent(10 * seed + number) for number in range(ENCODERS)]
        found = udr(encoders, 10, seed=seed)
        away.append((found.value - found.null.mean, found.null.spread))
        assert abs(away[-1][0]) <= 5 * found.null.spread
    difference, spread = np.mean(away, axis=0)
    assert abs(difference) <= 2 * spread


def test_an_odd_encoder_is_told_from_the_others():
    codes = independent(0)
    encoders = [disguised(codes, seed) for seed in range(3)] + [independent(9)]
    found = udr(encoders, 2, seed=0)
    assert (found.by_encoder[:3] > 0.8).all()
    assert found.by_encoder[3] < 0.1
    assert found.pairs == pytest.approx(found.pairs.T, nan_ok=True)
    assert np.isnan(np.diagonal(found.pairs)).all()


def test_constant_dimensions_count_for_nothing_and_widths_may_differ():
    codes = independent(0)
    padded = np.hstack([codes, np.full((CLIPS, 3), 0.3)])
    assert udr([codes, padded], 2, 0).value == pytest.approx(udr([codes, codes], 2, 0).value)
    assert udr([codes, np.ones((CLIPS, 2))], 2, 0).value == 0
    assert standard_ranks(padded).shape == (CLIPS, DIMS)


def test_the_seed_decides_the_null():
    codes = [independent(0), independent(1)]
    assert udr(codes, 3, 1).null == udr(codes, 3, 1).null != udr(codes, 3, 2).null


def partly_shared(seed: int, rotation_seed: int | None) -> np.ndarray:
    """Eight dimensions that every encoder has, in noise of its own, turned or not."""
    codes = independent(0, 8) + 0.5 * independent(100 + seed, 8)
    return codes if rotation_seed is None else turned(codes, rotation_seed)


def test_encoders_of_the_same_axes_are_aligned_and_turned_ones_are_not():
    same = udr([partly_shared(seed, None) for seed in range(4)], 3, seed=0).alignment
    other = udr([partly_shared(seed, 50 + seed) for seed in range(4)], 3, seed=0)
    assert same is not None
    assert same.alignment is not None
    assert 0.9 < same.alignment <= 1
    assert other.alignment is not None
    assert other.value > other.null.p95  # they do hold the same
    assert abs(other.value - other.alignment.rotated) < 4 * other.alignment.spread
    assert other.alignment.alignment == pytest.approx(0, abs=0.2)


def test_encoders_that_share_nothing_have_no_alignment():
    found = udr([independent(seed, 6) for seed in range(4)], 3, seed=0)
    assert found.alignment is not None
    assert found.value == pytest.approx(found.alignment.rotated, abs=0.03)
    assert found.alignment.ceiling < 0.15


def test_without_rotations_or_a_second_axis_there_is_no_alignment():
    codes = [independent(seed, 3) for seed in range(2)]
    assert udr(codes, 3, seed=0, rotations=0).alignment is None
    assert udr([one[:, :1] for one in codes], 3, seed=0).alignment is None
