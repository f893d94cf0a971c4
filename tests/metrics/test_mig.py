from __future__ import annotations

import numpy as np
import pytest

from sim_study.metrics.contract import Sample
from sim_study.metrics.held_out_information import (
    bin_codes,
    confusion_counts,
    information_per_entropy,
)
from sim_study.metrics.measures.mig import Mig, gap
from sim_study.metrics.prepared import prepare


def information_of(train, train_labels, test, test_labels, **sizes) -> np.ndarray:
    return information_per_entropy(
        confusion_counts(train, train_labels, test, test_labels, **sizes)
    )


def noiseless(copies: int) -> Sample:
    """Both factors, every combination equally often, each in `copies` equal dimensions."""
    consonant, vowel = (labels.ravel() for labels in np.mgrid[0:3, 0:3])
    consonant, vowel = np.tile(consonant, 60), np.tile(vowel, 60)
    codes = np.repeat(np.stack([consonant, vowel], axis=1), copies, axis=1).astype(float)
    factors = {"consonant": consonant, "vowel": vowel}
    classes = {"consonant": ("b", "d", "g"), "vowel": ("a", "i", "u")}
    return Sample(codes, codes, factors, factors, classes)


def test_one_dimension_a_factor_reads_one():
    values = Mig().read(prepare(noiseless(copies=1)), 0).values
    assert values == pytest.approx({"mig/consonant": 1.0, "mig/vowel": 1.0, "mig/mean": 1.0})


def test_two_equal_dimensions_a_factor_leave_no_gap():
    assert Mig().read(prepare(noiseless(copies=2)), 0).values["mig/mean"] == pytest.approx(0.0)


def test_symmetric_channel_has_its_exact_information():
    # Of 10 clips a class, one comes out as the other class: 1 - H(0.1) / ln 2 of its entropy.
    labels = np.repeat([0, 1], 50)
    code = labels.copy()
    code[[*range(5), *range(50, 55)]] ^= 1
    flip = 0.1
    remaining = -(flip * np.log2(flip) + (1 - flip) * np.log2(1 - flip))
    information = information_of(code[:, None], labels, code[:, None], labels, bins=2, classes=2)
    assert information == pytest.approx([1 - remaining])


def test_rare_classes_are_not_lost():
    # 90 % of the clips are of class 0; a bin stands for class 1 all the same.
    labels = np.r_[np.zeros(900, int), np.ones(100, int)]
    code = np.where(labels == 1, 1, np.arange(1000) % 6 == 0)  # bin 1 holds 150 zeros, 100 ones
    information = information_of(code[:, None], labels, code[:, None], labels, bins=2, classes=2)
    assert information[0] > 0.3


def test_noise_on_few_clips_reads_near_zero_where_the_plain_estimate_does_not():
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 9, 171)
    bins = bin_codes(generator.normal(size=(171, 1)), 20)
    table = np.zeros((20, 9))
    np.add.at(table, (bins[:, 0], labels), 1 / 171)
    outer = table.sum(1, keepdims=True) * table.sum(0)
    seen = table > 0
    plain = (table[seen] * np.log(table[seen] / outer[seen])).sum() / np.log(9)
    held_out = information_of(
        bin_codes(generator.normal(size=(680, 1)), 20),
        generator.integers(0, 9, 680),
        bins,
        labels,
        bins=20,
        classes=9,
    )
    assert plain > 0.15
    assert held_out[0] < 0.12  # a table of 81 cells remains; three classes leave 9
    three = information_of(
        bin_codes(generator.normal(size=(680, 1)), 20),
        generator.integers(0, 3, 680),
        bins,
        labels % 3,
        bins=20,
        classes=3,
    )
    assert three[0] < 0.03


def test_outer_bins_are_open():
    codes = np.array([[-50.0], [-2.99], [-0.01], [0.01], [2.99], [50.0]])
    assert bin_codes(codes, 20)[:, 0].tolist() == [0, 0, 9, 10, 19, 19]


@pytest.mark.parametrize(
    ("information", "expected"),
    [([], 0.0), ([0.4], 0.4), ([0.1, 0.7, 0.5], 0.2)],
)
def test_gap(information, expected):
    assert gap(np.array(information)) == pytest.approx(expected)
