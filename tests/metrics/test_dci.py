from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim_study.metrics.contract import Sample
from sim_study.metrics.measures.dci import Dci, completeness, disentanglement
from sim_study.metrics.prepared import prepare


def eight_factors(rotate: bool) -> Sample:
    generator = np.random.default_rng(0)
    factors = {f"f{index}": generator.integers(0, 3, 2000) for index in range(8)}
    codes = np.stack(list(factors.values()), axis=1) + 0.1 * generator.normal(size=(2000, 8))
    if rotate:
        codes = codes @ np.linalg.qr(generator.normal(size=(8, 8)))[0]
    return Sample(
        codes[:1500],
        codes[1500:],
        {name: labels[:1500] for name, labels in factors.items()},
        {name: labels[1500:] for name, labels in factors.items()},
        dict.fromkeys(factors, ("x", "y", "z")),
    )


def test_identity_reads_one():
    values = Dci().read(prepare(eight_factors(rotate=False)), 0).values
    assert values["dci_disentanglement"] > 0.8
    assert values["dci_completeness"] > 0.8
    assert values["dci_informativeness/f0"] > 0.99


def test_dense_rotation_is_entangled_and_still_informative():
    values = Dci().read(prepare(eight_factors(rotate=True)), 0).values
    assert values["dci_disentanglement"] < 0.2
    assert values["dci_completeness"] < 0.2
    assert values["dci_informativeness/f0"] > 0.99


def test_identity_without_spare_dimensions_reads_one(identity_sample):
    sample = replace(
        identity_sample,
        train_codes=identity_sample.train_codes[:, :2],
        test_codes=identity_sample.test_codes[:, :2],
    )
    values = Dci().read(prepare(sample), 0).values
    assert values["dci_disentanglement"] == pytest.approx(1.0, abs=0.1)
    assert values["dci_completeness"] == pytest.approx(1.0, abs=0.1)


def test_informativeness_is_held_out():
    # In the training part 300 clips of 200 noise dimensions are told apart perfectly.
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 3, 700)
    codes = generator.normal(size=(700, 200))
    factors = {"vowel": labels}
    sample = Sample(
        codes[:300],
        codes[300:],
        {name: values[:300] for name, values in factors.items()},
        {name: values[300:] for name, values in factors.items()},
        {"vowel": ("a", "i", "u")},
    )
    assert Dci().read(prepare(sample), 0).values["dci_informativeness/vowel"] < 0.45


def test_a_factor_that_cannot_be_read_does_not_raise_disentanglement(mixed_sample):
    generator = np.random.default_rng(0)
    unreadable = replace(
        mixed_sample,
        train_factors=dict(mixed_sample.train_factors)
        | {"consonant": generator.integers(0, 3, len(mixed_sample.train_codes))},
        test_factors=dict(mixed_sample.test_factors)
        | {"consonant": generator.integers(0, 3, len(mixed_sample.test_codes))},
    )
    assert Dci().read(prepare(unreadable), 0).values["dci_disentanglement"] < 0.25


@pytest.mark.parametrize(
    ("importances", "disentangled", "complete"),
    [
        (np.eye(3), 1.0, 1.0),
        (np.full((4, 2), 0.25), 0.0, 0.0),
        (np.zeros((3, 2)), 0.0, 0.0),
        # Two dimensions for the first factor, one for the second.
        (np.array([[0.5, 0], [0.5, 0], [0, 1.0]]), 1.0, (1 - np.log(2) / np.log(3) + 1) / 2),
        # One dimension carries both factors.
        (np.array([[1.0, 1.0], [0, 0]]), 0.0, 1.0),
    ],
)
def test_closed_forms(importances, disentangled, complete):
    assert disentanglement(importances) == pytest.approx(disentangled, abs=1e-12)
    assert completeness(importances) == pytest.approx(complete, abs=1e-12)


def test_one_factor_has_no_disentanglement(identity_sample):
    alone = replace(
        identity_sample,
        train_factors={"vowel": identity_sample.train_factors["vowel"]},
        test_factors={"vowel": identity_sample.test_factors["vowel"]},
        classes={"vowel": identity_sample.classes["vowel"]},
    )
    values = Dci().read(prepare(alone), 0).values
    assert set(values) == {"dci_completeness", "dci_informativeness/vowel"}
