from __future__ import annotations

import numpy as np
import pytest

from sim_study.metrics.aligned_twin import aligned_twin, confirmed, factor_basis
from sim_study.metrics.measures.dci import METRIC as DCI
from sim_study.metrics.measures.effective_rank import effective_rank
from sim_study.metrics.prepared import Prepared, prepare


def twin_of(prepared: Prepared, seed: int = 0) -> Prepared:
    train, test = aligned_twin(
        (prepared.train_codes, prepared.train_factors),
        (prepared.test_codes, prepared.test_factors),
        seed,
    )
    return prepared.with_codes(train, test)


def test_a_twin_of_turned_axes_is_aligned_and_tells_as_much(draw_code):
    turned = prepare(draw_code["turned"](0), penalties=(1e-3,))
    twin = twin_of(turned)
    given, found = DCI.read(turned, 0).values, DCI.read(twin, 0).values
    assert given["dci_completeness"] < 0.2 < 0.5 < found["dci_completeness"]
    for factor in ("consonant", "vowel"):
        key = f"dci_informativeness/{factor}"
        assert found[key] == pytest.approx(given[key], abs=0.03)
    # Each factor in a dimension of its own: the first basis vectors are the two best directions.
    best = twin.information.argmax(axis=0)
    assert len({*best.tolist()}) == 2


def test_a_twin_of_noise_tells_nothing(draw_code):
    """Directions that are found in noise are not confirmed by test rows."""
    gaps = []
    for seed in range(3):
        prepared = prepare(draw_code["noise"](seed), penalties=(1e-3,))
        gaps.append(twin_of(prepared).information.max())
    assert np.mean(gaps) < 0.02


def test_the_basis_is_uncorrelated_and_keeps_the_direction_that_tells_most(draw_code):
    prepared = prepare(draw_code["aligned"](1), penalties=(1e-3,))
    owners, basis = factor_basis(prepared.train_codes, prepared.train_factors)
    turned = prepared.train_codes @ basis
    correlation = np.corrcoef(turned.T)
    assert np.abs(correlation - np.eye(len(correlation))).max() < 1e-6
    assert sorted(owners) == ["consonant"] * 2 + ["vowel"] * 2
    for column in (0, 1):
        assert (basis[:, column] ** 2).max() > 0.97 * (basis[:, column] ** 2).sum()


def test_dimensions_that_are_copies_are_no_fault(duplicated_sample):
    twin = twin_of(prepare(duplicated_sample, penalties=(1e-3,)))
    assert np.isfinite(twin.train_codes).all()
    assert np.isfinite(twin.test_codes).all()


def test_what_test_rows_confirm():
    expected = np.array([[1.0, 1.0, 0.0], [-1.0, -1.0, 0.0]])
    found = np.array([[0.5, -1.0, 1.0], [-0.5, 1.0, 2.0]])
    assert confirmed(expected, found).tolist() == [0.5, 0.0, 0.0]


def test_effective_rank_of_known_codes():
    generator = np.random.default_rng(0)
    independent = generator.standard_normal((20_000, 6))
    assert effective_rank(independent) == pytest.approx(6, abs=0.01)
    one = np.repeat(independent[:, :1], 6, axis=1)
    assert effective_rank(one) == pytest.approx(1, abs=1e-6)
    # Two groups of three copies: eigenvalues 3, 3, 0, 0, 0, 0.
    two = np.repeat(independent[:, :2], 3, axis=1)
    assert effective_rank(two) == pytest.approx(2, abs=0.01)
    assert effective_rank(np.zeros((5, 0))) == 0
