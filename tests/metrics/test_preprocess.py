from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim_study.metrics.contract import Sample
from sim_study.metrics.preprocess import active_dimensions, draw, prepare, select_factors


def test_standardised_by_the_training_part(identity_sample):
    prepared = prepare(identity_sample)
    assert prepared.train_codes.mean(axis=0) == pytest.approx(0, abs=1e-12)
    assert prepared.train_codes.std(axis=0) == pytest.approx(1)
    assert prepared.test_codes.std(axis=0) != pytest.approx(1, abs=1e-6)


def test_active_is_about_rounding_and_not_about_scale():
    generator = np.random.default_rng(0)
    wiggle = generator.normal(size=100)
    codes = np.stack([np.zeros(100), np.full(100, 0.3), 1 + 1e-8 * wiggle, 1e-9 * wiggle], axis=1)
    assert active_dimensions(codes).tolist() == [False, False, False, True]
    assert active_dimensions(codes.astype(np.float32)).tolist() == [False, False, False, True]


def test_dimensions_are_ordered_by_content(identity_sample):
    order = np.random.default_rng(0).permutation(identity_sample.train_codes.shape[1])
    shuffled = replace(
        identity_sample,
        train_codes=identity_sample.train_codes[:, order] * 3,
        test_codes=identity_sample.test_codes[:, order] * 3,
    )
    assert prepare(shuffled).test_codes == pytest.approx(prepare(identity_sample).test_codes)


def test_draw_keeps_clips_and_labels_together(identity_sample):
    few = draw(identity_sample, 100, seed=0)
    assert few.train_codes.shape[0] == len(few.train_factors["vowel"]) == 100
    for row, label in zip(few.train_codes, few.train_factors["vowel"], strict=True):
        place = np.flatnonzero((identity_sample.train_codes == row).all(axis=1))
        assert identity_sample.train_factors["vowel"][place] == [label]
    assert (draw(identity_sample, 100, seed=0).train_codes == few.train_codes).all()
    assert (draw(identity_sample, 100, seed=1).train_codes != few.train_codes).any()


def test_unknown_factor_is_named(identity_sample):
    with pytest.raises(ValueError, match="no factor pitch"):
        select_factors(identity_sample, ("vowel", "pitch"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"train_codes": np.full((4, 2), np.nan)}, "train_codes must be finite"),
        ({"train_codes": np.zeros((4, 3))}, "same dimensions"),
        ({"test_codes": np.zeros(4)}, r"test_codes must be \(sample, dim\)"),
        ({"test_factors": {"vowel": np.zeros(3, int)}}, "one label a code"),
        ({"test_factors": {}}, "test_factors must be"),
    ],
)
def test_samples_that_do_not_fit_together(change, message):
    labels = {"vowel": np.zeros(4, int)}
    good = {
        "train_codes": np.zeros((4, 2)),
        "test_codes": np.zeros((4, 2)),
        "train_factors": labels,
        "test_factors": labels,
        "classes": {"vowel": ("a", "i")},
    }
    Sample(**good)
    with pytest.raises(ValueError, match=message):
        Sample(**(good | change))


def test_single_precision_codes_are_standardised_in_double(identity_sample):
    # Pooled features of an untrained encoder: a deviation of 1e-5 around 0.1.
    small = 0.1 + 1e-5 * identity_sample.train_codes
    single = replace(
        identity_sample,
        train_codes=small.astype(np.float32),
        test_codes=(0.1 + 1e-5 * identity_sample.test_codes).astype(np.float32),
    )
    prepared = prepare(single)
    assert prepared.train_codes.dtype == np.float64
    assert prepared.train_codes.mean(axis=0) == pytest.approx(0, abs=1e-10)
    assert prepared.train_codes.std(axis=0) == pytest.approx(1)
