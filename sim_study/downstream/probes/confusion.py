"""Which classes are taken for which: counts, and the accuracies that follow from them.

A confusion matrix counts examples, (class that it is, class that the probe names) int64.
"""

from __future__ import annotations

import numpy as np


def confusion(labels: np.ndarray, named: np.ndarray, classes: int) -> np.ndarray:
    """Count how often each class is given each name.

    Args:
        labels: (example,) int64.
        named: (example,) int64, what a probe says.
        classes: Number of classes.

    Returns:
        (class, class) int64; rows are labels.
    """
    pairs = labels * classes + named
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def overall_accuracy(counts: np.ndarray) -> float:
    """Return the fraction 0-1 of examples that are named rightly."""
    return float(np.trace(counts) / counts.sum())


def class_accuracies(counts: np.ndarray) -> np.ndarray:
    """Return each class' fraction 0-1 of examples named rightly, (class,); NaN without any."""
    examples = counts.sum(axis=1)
    rates = np.full(len(counts), np.nan)
    np.divide(np.diag(counts), examples, out=rates, where=examples > 0)
    return rates


def balanced_accuracy(counts: np.ndarray) -> float:
    """Return the mean over classes that occur of their accuracies, fraction 0-1."""
    return float(np.nanmean(class_accuracies(counts)))
