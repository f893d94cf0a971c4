"""Codes and factors as every metric sees them.

What is done to codes before any metric is done here, so that arms compare fairly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from sim_study.config.metrics import MetricsConfig
from sim_study.downstream.codes.standardise import moments, standardise
from sim_study.metrics.factor_classifier import FactorClassifier, chosen_penalty, fit_classifier
from sim_study.metrics.held_out_information import (
    bin_codes,
    confusion_counts,
    entropy,
    information_per_entropy,
)
from sim_study.metrics.sample import UNLABELLED, Sample


class FactorPart(NamedTuple):
    """The rows that carry one factor.

    Args:
        train_rows, test_rows: Which of all rows these are, (row,) int64.
        train_labels, test_labels: Their classes, (row,) int64.
    """

    train_rows: np.ndarray
    test_rows: np.ndarray
    train_labels: np.ndarray
    test_labels: np.ndarray


@dataclass(frozen=True)
class Prepared(Sample):
    """A sample whose codes `prepare` has standardised, once for all metrics.

    Single frames are standardised together, whatever factor they carry: a dimension has one
    scale, so that its importance for one factor can be held against that for another. Before that
    the frames of every carrier (consonants, vowels) are centred on their own training mean: that
    consonants differ from vowels says nothing of which consonant it is, but would make every
    dimension that tells the one from the other seem important for both factors.

    What several metrics read of it is computed when first asked for, and once.

    Args:
        sampled_codes: (train sample, active dim), standardised by themselves; where none were
            given, the training codes.
        raw_codes: (train sample, active dim), the training codes as they were given.
        dimensions: (active dim,) the number that each dimension had among those given.
        given: How many dimensions were given.
        bins: Equal-width bins a dimension, for mutual information.
        penalties: Of each factor's classifier, see `factor_classifier.fit_classifier`; None: the
            one penalty of before version 0.2.
    """

    _: KW_ONLY
    raw_codes: np.ndarray
    dimensions: np.ndarray
    given: int
    bins: int
    penalties: Mapping[str, float] | None = None

    def as_given(self, part: np.ndarray) -> np.ndarray:
        """Put rows of active dimensions where these were given, NaN in place of inactive ones."""
        placed = np.full((self.given, *part.shape[1:]), np.nan)
        placed[self.dimensions] = part
        return placed

    @cached_property
    def parts(self) -> dict[str, FactorPart]:
        """The rows that carry each factor."""
        found = {}
        for factor in self.factors:
            train, test = self.train_factors[factor], self.test_factors[factor]
            rows, test_rows = (np.flatnonzero(one != UNLABELLED) for one in (train, test))
            found[factor] = FactorPart(rows, test_rows, train[rows], test[test_rows])
        return found

    @cached_property
    def classifiers(self) -> dict[str, FactorClassifier]:
        """A linear classifier of each factor, fitted to the training part, by factor."""
        return {
            factor: fit_classifier(
                rows_of(self.train_codes, part.train_rows),
                part.train_labels,
                rows_of(self.test_codes, part.test_rows),
                part.test_labels,
                penalty=None if self.penalties is None else self.penalties[factor],
            )
            for factor, part in self.parts.items()
        }

    @cached_property
    def confusion(self) -> dict[str, np.ndarray]:
        """How often a dimension stands for one class while the true one is another, by factor.

        (dim, class, class) counts over test rows, see `held_out_information.confusion_counts`.
        """
        train, test = (bin_codes(part, self.bins) for part in (self.train_codes, self.test_codes))
        return {
            factor: confusion_counts(
                rows_of(train, part.train_rows),
                part.train_labels,
                rows_of(test, part.test_rows),
                part.test_labels,
                bins=self.bins,
                classes=len(self.classes[factor]),
            )
            for factor, part in self.parts.items()
        }

    @cached_property
    def information(self) -> np.ndarray:
        """What every dimension tells about a factor as a fraction of its entropy: (dim, factor)."""
        counts = [self.confusion[factor] for factor in self.factors]
        return np.stack([information_per_entropy(one) for one in counts], axis=1)

    @cached_property
    def information_nats(self) -> np.ndarray:
        """The same in nats: (dim, factor)."""
        labels = [self.parts[factor].test_labels for factor in self.factors]
        shares = [np.bincount(one) / len(one) for one in labels]
        return self.information * [float(entropy(one[None])[0]) for one in shares]

    def with_codes(self, train: np.ndarray, test: np.ndarray) -> Prepared:
        """Return the sample with other codes (sample, dim), standardised by the training part."""
        train, test = standardise(train, test)
        return replace(self, train_codes=train, test_codes=test)


def rows_of(codes: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return some rows of codes (sample, dim), and where they are all, the codes themselves."""
    return codes if len(rows) == len(codes) else codes[rows]


def prepare(
    sample: Sample,
    bins: int = MetricsConfig.model_fields["bins"].default,
    penalties: Sequence[float] | None = None,
) -> Prepared:
    """Standardise by the training part, drop inactive dimensions, and order canonically.

    Inactive is a dimension whose standard deviation rounding can explain, see
    `downstream.codes.standardise.CONSTANT_SPREAD`.

    Dimensions are ordered by their values on the clips: a fit that stops at a tolerance then
    gives the same result however the encoder happened to number its channels.

    Args:
        sample: Codes and factors as given.
        bins: Equal-width bins a dimension, for mutual information.
        penalties: Those that each factor's classifier chooses from, by cross-validation inside the
            training part; None: the one penalty of before version 0.2.

    Returns:
        The sample with (sample, active dim) codes of training mean 0 and standard deviation 1,
        in double precision.
    """
    given, test = sample.train_codes.astype(np.float64), sample.test_codes.astype(np.float64)
    sampled = given if sample.sampled_codes is None else sample.sampled_codes.astype(np.float64)
    if (carriers := _carriers(sample)) is not None:
        of_train, of_test = carriers
        sampled = _centred(sampled, of_train, sampled, of_train)
        test = _centred(test, of_test, given, of_train)
        given = _centred(given, of_train, given, of_train)
    active = np.flatnonzero(moments(given).varies)
    train, test = (codes[:, active] for codes in standardise(given, test))
    # Rounded, so that two dimensions with equal values are not told apart by rounding errors.
    order = np.lexsort(np.round(train[::-1], 9)) if len(active) else np.zeros(0, np.int64)
    found = Prepared(
        train[:, order],
        test[:, order],
        sample.train_factors,
        sample.test_factors,
        sample.classes,
        sample.train_groups,
        sample.blocks,
        train[:, order] if sample.sampled_codes is None else varying(sampled),
        sampled_frames=None
        if sample.sampled_frames is None
        else sample.sampled_frames.astype(np.float64),
        raw_codes=given[:, active[order]],
        dimensions=active[order],
        given=given.shape[1],
        bins=bins,
    )
    if penalties is None:
        return found
    groups = np.arange(len(given)) if sample.train_groups is None else sample.train_groups
    chosen = {
        factor: chosen_penalty(
            rows_of(found.train_codes, part.train_rows),
            part.train_labels,
            groups[part.train_rows],
            len(sample.classes[factor]),
            penalties,
        )
        for factor, part in found.parts.items()
    }
    return replace(found, penalties=chosen)


def varying(codes: np.ndarray) -> np.ndarray:
    """Standardise codes (sample, dim), without dimensions that do not vary."""
    scales = moments(codes)
    return scales.standardise(codes)[:, scales.varies]


def _carriers(sample: Sample) -> tuple[np.ndarray, np.ndarray] | None:
    """Number (sample,) what the rows of each part carry: rows that lack the same factors are alike.

    Returns:
        Of the training and of the test part; None where every row carries every factor.
    """
    numbers = [
        sum(
            2**place * (factors[factor] == UNLABELLED)
            for place, factor in enumerate(sample.factors)
        )
        for factors in (sample.train_factors, sample.test_factors)
    ]
    train, test = (np.asarray(one) for one in numbers)
    return (train, test) if train.any() else None


def _centred(
    codes: np.ndarray, carriers: np.ndarray, train: np.ndarray, of_train: np.ndarray
) -> np.ndarray:
    """Take from every row (sample, dim) the training mean of what carries the same."""
    centred = codes.copy()
    for carrier in np.unique(carriers):
        centred[carriers == carrier] -= train[of_train == carrier].mean(axis=0)
    return centred
