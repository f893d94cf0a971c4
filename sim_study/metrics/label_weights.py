"""Which dimensions carry a label: a linear probe's weights, on scales that can be compared."""

from __future__ import annotations

import numpy as np

from sim_study.downstream.codes.standardise import Moments


def stretched(weight: np.ndarray) -> np.ndarray:
    """Stretch each label's weights so that the smallest is -1 and the largest 1, as the paper does.

    Args:
        weight: (label, dim), as a linear probe holds them.

    Returns:
        (label, dim), in [-1, 1]; 0 where a label's weights are all equal.

    Source:
        Smooth InfoMax, arXiv 2408.12936, probe-weight analysis.
    """
    lowest = weight.min(axis=1, keepdims=True)
    span = weight.max(axis=1, keepdims=True) - lowest
    spread = np.where(span > 0, span, 1.0)
    return np.where(span > 0, 2 * (weight - lowest) / spread - 1, 0.0)


def contrasts(weight: np.ndarray) -> np.ndarray:
    """Return each label's weights (label, dim) relative to the mean over labels.

    A vector added to every label's weights shifts all logits alike, and softmax does not see it:
    no gradient ever removes what the random start put there, and it tells nothing of a label.
    """
    relative: np.ndarray = weight - weight.mean(axis=0)
    return relative


def of_largest(weight: np.ndarray) -> np.ndarray:
    """Divide each label's weights (label, dim) by their largest magnitude; 0 stays 0.

    Of `contrasts`, this shows what tells labels apart: the paper's stretching would colour weights
    that carry nothing, and so would what all labels have in common.
    """
    largest = np.abs(weight).max(axis=1, keepdims=True)  # (label, 1)
    scaled: np.ndarray = np.divide(weight, largest, out=np.zeros_like(weight), where=largest > 0)
    return scaled


def shares(weight: np.ndarray, deviation: np.ndarray | float = 1.0) -> np.ndarray:
    """Return every dimension's share in the variance of each label's logit.

    For uncorrelated dimensions the variance of a label's logit, relative to the mean logit, is the
    sum over dimensions of its squared contrast times the dimension's variance.

    Args:
        weight: (label, dim).
        deviation: (dim,) standard deviation of each dimension over the training clips; 1 for a
            probe on standardised codes.

    Returns:
        (label, dim), 0-1; a label's shares sum to 1, or are all 0 where it has no weights.
    """
    variance = (contrasts(weight) * deviation) ** 2
    total = variance.sum(axis=1, keepdims=True)
    found: np.ndarray = np.divide(variance, total, out=np.zeros_like(variance), where=total > 0)
    return found


def standardised_probe(
    weight: np.ndarray, bias: np.ndarray | None, scales: Moments
) -> tuple[np.ndarray, np.ndarray]:
    """Rewrite a probe so that it gives the same logits from standardised features.

    Args:
        weight: (label, dim).
        bias: (label,), or None.
        scales: Mean and deviation of every dimension over the training clips.

    Returns:
        Weight (label, dim) and bias (label,).
    """
    offset = weight @ scales.mean
    return weight * scales.deviation, offset if bias is None else bias + offset


def heaviest_dimensions(weight: np.ndarray) -> np.ndarray:
    """Rank dimensions by what a probe gives them, heaviest first.

    By absolute contrasts, each label's rescaled to a largest of 1, summed over labels, so that all
    labels count alike.

    Args:
        weight: (label, dim), of a probe on standardised features, see `standardised_probe`.

    Returns:
        (dim,) indices.
    """
    return np.argsort(-of_largest(np.abs(contrasts(weight))).sum(axis=0), kind="stable")


def carriers(shares_of: np.ndarray) -> np.ndarray:
    """Rank the dimensions of every label by `shares` (label, dim), largest first: (label, rank)."""
    return np.argsort(-shares_of, axis=1, kind="stable")


def by_label_carried(weight: np.ndarray) -> np.ndarray:
    """Order dimensions by the label they carry most, strongest first within a label: (dim,).

    Weights (label, dim) must be comparable between labels.
    """
    magnitude = np.abs(weight)
    carried = magnitude.argmax(axis=0)  # (dim,) label
    return np.lexsort((-magnitude.max(axis=0), carried))
