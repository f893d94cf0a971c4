from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim_study.metrics.contract import Sample
from sim_study.metrics.prepared import prepare


def test_standardised_by_the_training_part(identity_sample):
    prepared = prepare(identity_sample)
    assert prepared.train_codes.mean(axis=0) == pytest.approx(0, abs=1e-12)
    assert prepared.train_codes.std(axis=0) == pytest.approx(1)
    assert prepared.test_codes.std(axis=0) != pytest.approx(1, abs=1e-6)


def test_inactive_dimensions_are_dropped(identity_sample, constant_sample):
    dims = identity_sample.train_codes.shape[1]
    padded = replace(
        identity_sample,
        train_codes=np.hstack([constant_sample.train_codes, identity_sample.train_codes]),
        test_codes=np.hstack([identity_sample.test_codes, identity_sample.test_codes]),
    )
    assert prepare(padded).test_codes.shape[1] == dims
    assert prepare(padded).test_codes == pytest.approx(prepare(identity_sample).test_codes)
    assert prepare(constant_sample).train_codes.shape[1] == 0


def test_dimensions_are_ordered_by_content(identity_sample):
    order = np.random.default_rng(0).permutation(identity_sample.train_codes.shape[1])
    shuffled = replace(
        identity_sample,
        train_codes=identity_sample.train_codes[:, order] * 3,
        test_codes=identity_sample.test_codes[:, order] * 3,
    )
    assert prepare(shuffled).test_codes == pytest.approx(prepare(identity_sample).test_codes)


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
