"""Mutual information gap: does one dimension, and only one, tell a factor?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from sim_study.config.metrics import MetricsConfig
from sim_study.metrics.contract import Metric, Prepared

EDGE_DEVIATIONS = 3.0
"""Bins cover the mean +- this many training standard deviations; the outer two are open."""


@dataclass(frozen=True)
class Mig(Metric):
    """Mutual information gap, scored held out.

    Bins are equally wide over +-3 standard deviations rather than over the observed range, which
    grows with the number of clips and lets one outlier squeeze all others into a bin; and rather
    than quantiles, which would cut the flat part of a two-peaked dimension as finely as its peaks.

    The plain estimate (joint histogram of bins and classes) is biased upwards by about
    (bins - 1)(classes - 1) / 2 clips: on 171 clips it reads 0.1-0.4 on noise. Here the training
    clips decide which class each bin stands for, and the information between that class and the
    true one is measured on the test clips: a classes x classes table, so that noise reads about
    0.01, and a lower bound, since a function of a dimension cannot tell more than the dimension.
    (The other held-out bound, the test log-probability under p(class | bin), reads down to -0.8
    on real words that the training part lacks, because peaked bins are confidently wrong.)

    Args:
        bins: Bins a dimension.

    Source: Chen et al. 2018, arXiv 1802.04942, eq. 6.
    """

    name: ClassVar[str] = "mig"
    quantity_names: ClassVar[tuple[str, ...]] = ("mig",)
    bins: int = MetricsConfig.model_fields["bins"].default

    def configured(self, config: MetricsConfig) -> Mig:
        """Return the metric with the configured number of bins."""
        return replace(self, bins=config.bins)

    def compute(self, sample: Prepared, seed: int) -> dict[str, float]:
        """Return `mig/<factor>` and their mean `mig/mean`, each 0-1; draws nothing."""
        train, test = (
            bin_codes(codes, self.bins) for codes in (sample.train_codes, sample.test_codes)
        )
        gaps = {}
        for factor in sample.factors:
            information = normalised_information(
                train,
                sample.train_factors[factor],
                test,
                sample.test_factors[factor],
                bins=self.bins,
                classes=len(sample.classes[factor]),
            )
            gaps[factor] = gap(information)
        values = {f"mig/{factor}": value for factor, value in gaps.items()}
        return values | {"mig/mean": float(np.mean(list(gaps.values())))}


def bin_codes(codes: np.ndarray, bins: int) -> np.ndarray:
    """Return the bin of every standardised value.

    Args:
        codes: (sample, dim), training mean 0 and standard deviation 1.
        bins: Bins a dimension.

    Returns:
        (sample, dim) int64, 0 to bins - 1.
    """
    place = (codes + EDGE_DEVIATIONS) / (2 * EDGE_DEVIATIONS)
    return np.clip(np.floor(place * bins), 0, bins - 1).astype(np.int64)


def normalised_information(
    train_bins: np.ndarray,
    train_labels: np.ndarray,
    test_bins: np.ndarray,
    test_labels: np.ndarray,
    *,
    bins: int,
    classes: int,
) -> np.ndarray:
    """Estimate what every dimension tells about a factor, per entropy of the factor.

    Args:
        train_bins: (sample, dim) int64.
        train_labels: (sample,) int64.
        test_bins: (sample, dim) int64, of other clips.
        test_labels: (sample,) int64.
        bins: Bins a dimension.
        classes: Classes of the factor.

    Returns:
        Information between the class that a bin stands for and the true class on the test clips,
        (dim,), 0-1.
    """
    counts = _pair_counts(train_bins, train_labels, bins, classes)  # (dim, bin, class)
    # Relative to the class's own frequency, lest every bin stands for a frequent class.
    frequency = np.maximum(np.bincount(train_labels, minlength=classes), 1)
    stands_for = (counts / frequency).argmax(axis=2)  # (dim, bin)
    dims = np.arange(train_bins.shape[1])
    told = stands_for[dims, test_bins]  # (sample, dim)
    return _information_per_entropy(_pair_counts(told, test_labels, classes, classes))


def _pair_counts(first: np.ndarray, second: np.ndarray, values: int, classes: int) -> np.ndarray:
    """Count how often each value (sample, dim) meets each class (sample,): (dim, value, class)."""
    dims = first.shape[1]
    cells = (np.arange(dims) * values + first) * classes + second[:, None]
    counts = np.bincount(cells.ravel(), minlength=dims * values * classes)
    return counts.reshape(dims, values, classes)


def _information_per_entropy(counts: np.ndarray) -> np.ndarray:
    """Mutual information of each table (dim, value, class) over the classes' entropy: (dim,)."""
    joint = counts / np.maximum(counts.sum(axis=(1, 2), keepdims=True), 1)
    value_entropy, class_entropy = _entropy(joint.sum(axis=2)), _entropy(joint.sum(axis=1))
    information = value_entropy + class_entropy - _entropy(joint)
    ratio: np.ndarray = np.divide(
        information, class_entropy, out=np.zeros_like(information), where=class_entropy > 0
    )
    return ratio.clip(0.0, 1.0)


def _entropy(shares: np.ndarray) -> np.ndarray:
    """Entropy in nats of the distribution over all axes but the first."""
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    entropy: np.ndarray = -(shares * logs).sum(axis=tuple(range(1, shares.ndim)))
    return entropy


def gap(information: np.ndarray) -> float:
    """Return by how much the best dimension's information exceeds the second best's.

    Args:
        information: (dim,), 0-1.

    Returns:
        0-1; 0 without dimensions; a lone dimension has no rival.
    """
    best = np.sort(information)[::-1][:2]
    first, second = np.pad(best, (0, 2 - len(best)))
    return float(first - second)
