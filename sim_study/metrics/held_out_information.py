"""What one dimension alone tells about a factor, on clips that nothing was fitted to.

The plain estimate of mutual information (joint histogram of bins and classes) is biased upwards by
about (bins - 1)(classes - 1) / 2 clips: on 171 clips it reads 0.1-0.4 on noise. Here the training
clips decide which class each bin stands for, and the information between that class and the true
one is measured on the test clips: a classes x classes table, so that noise reads about 0.01, and a
lower bound, since a function of a dimension cannot tell more than the dimension. (The other
held-out bound, the test log-probability under p(class | bin), reads down to -0.8 on real words that
the training part lacks, because peaked bins are confidently wrong.)

Bins are equally wide over +-3 standard deviations rather than over the observed range, which grows
with the number of clips and lets one outlier squeeze all others into a bin; and rather than
quantiles, which would cut the flat part of a two-peaked dimension as finely as its peaks.
"""

from __future__ import annotations

import numpy as np

EDGE_DEVIATIONS = 3.0
"""Bins cover the mean +- this many training standard deviations; the outer two are open."""


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


def confusion_counts(
    train_bins: np.ndarray,
    train_labels: np.ndarray,
    test_bins: np.ndarray,
    test_labels: np.ndarray,
    *,
    bins: int,
    classes: int,
) -> np.ndarray:
    """Let training clips decide which class a bin stands for, and count on the test clips.

    Args:
        train_bins: (sample, dim) int64.
        train_labels: (sample,) int64.
        test_bins: (sample, dim) int64, of other clips.
        test_labels: (sample,) int64.
        bins: Bins a dimension.
        classes: Classes of the factor.

    Returns:
        Test clips by the class that their bin stands for and their true one: (dim, class, class).
    """
    counts = _pair_counts(train_bins, train_labels, bins, classes)  # (dim, bin, class)
    # Relative to the class's own frequency, lest every bin stands for a frequent class.
    frequency = np.maximum(np.bincount(train_labels, minlength=classes), 1)
    stands_for = (counts / frequency).argmax(axis=2)  # (dim, bin)
    dims = np.arange(train_bins.shape[1])
    named = stands_for[dims, test_bins]  # (sample, dim)
    return _pair_counts(named, test_labels, classes, classes)


def _pair_counts(first: np.ndarray, second: np.ndarray, values: int, classes: int) -> np.ndarray:
    """Count how often each value (sample, dim) meets each class (sample,): (dim, value, class)."""
    dims = first.shape[1]
    cells = (np.arange(dims) * values + first) * classes + second[:, None]
    counts = np.bincount(cells.ravel(), minlength=dims * values * classes)
    return counts.reshape(dims, values, classes)


def information_per_entropy(counts: np.ndarray) -> np.ndarray:
    """Return the mutual information of a table's two axes over the classes' entropy.

    Args:
        counts: (dim, value, class).

    Returns:
        (dim,), 0-1; 0 where there is only one class.
    """
    joint = counts / np.maximum(counts.sum(axis=(1, 2), keepdims=True), 1)
    value_entropy, class_entropy = entropy(joint.sum(axis=2)), entropy(joint.sum(axis=1))
    information = value_entropy + class_entropy - entropy(joint)
    ratio: np.ndarray = np.divide(
        information, class_entropy, out=np.zeros_like(information), where=class_entropy > 0
    )
    return ratio.clip(0.0, 1.0)


def entropy(shares: np.ndarray) -> np.ndarray:
    """Return the entropy in nats of the distribution over all axes but the first."""
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    found: np.ndarray = -(shares * logs).sum(axis=tuple(range(1, shares.ndim)))
    return found


def balanced_accuracy(counts: np.ndarray) -> np.ndarray:
    """Return the share of each class's test clips that a dimension names, mean over classes.

    Args:
        counts: (dim, named class, true class).

    Returns:
        (dim,), 0-1; classes without test clips are left out.
    """
    totals = counts.sum(axis=1)  # (dim, class)
    named = np.diagonal(counts, axis1=1, axis2=2)  # (dim, class)
    shares = named / np.maximum(totals, 1)
    found: np.ndarray = shares.sum(axis=1) / np.maximum((totals > 0).sum(axis=1), 1)
    return found


def chance_probability(counts: np.ndarray) -> np.ndarray:
    """Return how probable so strong a relation would be between independent axes.

    Pearson's statistic, whose mean under independence is that of its chi-squared distribution
    however few clips a cell holds (the likelihood ratio's is not).

    Args:
        counts: (dim, value, class).

    Returns:
        (dim,), 0-1; 1 where one axis takes a single value.
    """
    from scipy.stats import chi2

    rows, columns = counts.sum(axis=2), counts.sum(axis=1)
    total = np.maximum(rows.sum(axis=1), 1)[:, None, None]
    expected = rows[:, :, None] * columns[:, None, :] / total
    surprise = np.divide(
        (counts - expected) ** 2, expected, out=np.zeros_like(expected), where=expected > 0
    )
    freedom = ((rows > 0).sum(axis=1) - 1) * ((columns > 0).sum(axis=1) - 1)
    tail = chi2.sf(surprise.sum(axis=(1, 2)), np.maximum(freedom, 1))
    return np.where(freedom > 0, tail, 1.0)
