"""Codes and known factors, as given and as every metric sees them.

What is done to codes before any metric is done here, so that arms compare fairly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sim_study.config.metrics import MetricsConfig
from sim_study.downstream.codes.standardise import Moments, moments, standardise
from sim_study.metrics.factor_classifier import FactorClassifier, fit_classifier
from sim_study.metrics.held_out_information import (
    bin_codes,
    confusion_counts,
    entropy,
    information_per_entropy,
)


@dataclass(frozen=True)
class Sample:
    """Codes and known factors of two disjoint sets of clips.

    Args:
        train_codes, test_codes: (sample, dim) floating, one pooled code a clip.
        train_factors, test_factors: Class index by factor name, (sample,) int64.
        classes: Class names by factor name.
        sampled_frames: (frame, dim) floating, single frames of the latents' one draw, of the test
            part, as given; None: unknown.

    Raises:
        ValueError: When shapes disagree, a part is empty, or a code is not finite.
    """

    train_codes: np.ndarray
    test_codes: np.ndarray
    train_factors: Mapping[str, np.ndarray]
    test_factors: Mapping[str, np.ndarray]
    classes: Mapping[str, tuple[str, ...]]
    sampled_frames: np.ndarray | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        for part, codes, factors in (
            ("train", self.train_codes, self.train_factors),
            ("test", self.test_codes, self.test_factors),
        ):
            if codes.ndim != 2 or len(codes) == 0:
                raise ValueError(f"{part}_codes must be (sample, dim), not {codes.shape}")
            if not np.isfinite(codes).all():
                raise ValueError(f"{part}_codes must be finite")
            if set(factors) != set(self.classes):
                raise ValueError(f"{part}_factors must be {sorted(self.classes)}")
            for name, labels in factors.items():
                if labels.shape != (len(codes),):
                    raise ValueError(f"{part}_factors[{name!r}] must have one label a code")
        if self.train_codes.shape[1] != self.test_codes.shape[1]:
            raise ValueError("train_codes and test_codes must have the same dimensions")

    @property
    def factors(self) -> tuple[str, ...]:
        """Factor names, sorted."""
        return tuple(sorted(self.classes))

    def by_factor(self, quantity: str, parts: np.ndarray) -> dict[str, float]:
        """Return a quantity's values (factor,) as `quantity/<factor>`, then `quantity/mean`."""
        named = {f"{quantity}/{one}": float(v) for one, v in zip(self.factors, parts, strict=True)}
        return named | {f"{quantity}/mean": float(parts.mean())}


@dataclass(frozen=True)
class Prepared(Sample):
    """A sample whose codes `prepare` has standardised, once for all metrics.

    What several metrics read of it is computed when first asked for, and once.

    Args:
        raw_codes: (train sample, active dim), the training codes as they were given.
        dimensions: (active dim,) the number that each dimension had among those given.
        given: How many dimensions were given.
        bins: Equal-width bins a dimension, for mutual information.
    """

    raw_codes: np.ndarray
    dimensions: np.ndarray
    given: int
    bins: int

    def as_given(self, part: np.ndarray) -> np.ndarray:
        """Put rows of active dimensions where these were given, NaN in place of inactive ones."""
        placed = np.full((self.given, *part.shape[1:]), np.nan)
        placed[self.dimensions] = part
        return placed

    @cached_property
    def classifiers(self) -> dict[str, FactorClassifier]:
        """A linear classifier of each factor, fitted to the training part, by factor."""
        return {
            factor: fit_classifier(
                self.train_codes,
                self.train_factors[factor],
                self.test_codes,
                self.test_factors[factor],
            )
            for factor in self.factors
        }

    @cached_property
    def confusion(self) -> dict[str, np.ndarray]:
        """How often a dimension stands for one class while the true one is another, by factor.

        (dim, class, class) counts over test clips, see `held_out_information.confusion_counts`.
        """
        train, test = (bin_codes(part, self.bins) for part in (self.train_codes, self.test_codes))
        return {
            factor: confusion_counts(
                train,
                self.train_factors[factor],
                test,
                self.test_factors[factor],
                bins=self.bins,
                classes=len(self.classes[factor]),
            )
            for factor in self.factors
        }

    @cached_property
    def information(self) -> np.ndarray:
        """What every dimension tells about a factor as a fraction of its entropy: (dim, factor)."""
        counts = [self.confusion[factor] for factor in self.factors]
        return np.stack([information_per_entropy(one) for one in counts], axis=1)

    @cached_property
    def information_nats(self) -> np.ndarray:
        """The same in nats: (dim, factor)."""
        shares = [
            np.bincount(self.test_factors[factor]) / len(self.test_codes) for factor in self.factors
        ]
        return self.information * [float(entropy(one[None])[0]) for one in shares]


def prepare(sample: Sample, bins: int = MetricsConfig.model_fields["bins"].default) -> Prepared:
    """Standardise by the training part, drop inactive dimensions, and order canonically.

    Inactive is a dimension whose standard deviation rounding can explain, see
    `downstream.codes.standardise.CONSTANT_SPREAD`.

    Dimensions are ordered by their values on the clips: a fit that stops at a tolerance then
    gives the same result however the encoder happened to number its channels.

    Args:
        sample: Codes and factors as given.
        bins: Equal-width bins a dimension, for mutual information.

    Returns:
        The sample with (sample, active dim) codes of training mean 0 and standard deviation 1,
        in double precision.
    """
    given, test = sample.train_codes.astype(np.float64), sample.test_codes.astype(np.float64)
    active = np.flatnonzero(moments(given).varies)
    train, test = (codes[:, active] for codes in standardise(given, test))
    # Rounded, so that two dimensions with equal values are not told apart by rounding errors.
    order = np.lexsort(np.round(train[::-1], 9)) if len(active) else np.zeros(0, np.int64)
    return Prepared(
        train[:, order],
        test[:, order],
        sample.train_factors,
        sample.test_factors,
        sample.classes,
        raw_codes=given[:, active[order]],
        dimensions=active[order],
        given=given.shape[1],
        bins=bins,
        sampled_frames=None
        if sample.sampled_frames is None
        else sample.sampled_frames.astype(np.float64),
    )


@dataclass(frozen=True)
class TrainedProbe:
    """A linear probe of one target on one layer's codes, and what it is scored on.

    Args:
        weight: (label, dim), on the codes as given.
        bias: (label,), or None for a probe without one.
        scales: Mean and deviation of every dimension over the training part.
        train_labels: (sample,) int64.
        test_codes: (sample, dim) float64, standardised by `scales`.
        test_labels: (sample,) int64.
    """

    weight: np.ndarray
    bias: np.ndarray | None
    scales: Moments
    train_labels: np.ndarray
    test_codes: np.ndarray
    test_labels: np.ndarray
