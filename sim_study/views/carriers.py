"""Which dimensions carry each label, read from a linear probe's weights."""

from __future__ import annotations

import numpy as np

from sim_study.metrics.measures.probe_weights import weight_shares


def carried_shares(standard_weight: np.ndarray) -> np.ndarray:
    """Return each dimension's share in what tells a label from the others.

    For uncorrelated dimensions the variance of a label's logit, relative to the mean logit, is the
    sum over dimensions of its squared weight on standardised codes, relative to the mean over
    labels (a vector added to every label's weights changes no prediction).

    Args:
        standard_weight: (label, dim), of a probe on standardised codes.

    Returns:
        (label, dim), 0-1; a label's shares sum to 1, or are all 0 where it has no weights.
    """
    return weight_shares(standard_weight, np.ones(standard_weight.shape[1])).T


def carriers(shares: np.ndarray) -> np.ndarray:
    """Rank the dimensions of every label, largest share first.

    Args:
        shares: (label, dim).

    Returns:
        (label, rank) indices of dimensions.
    """
    return np.argsort(-shares, axis=1, kind="stable")


def by_label_carried(weight: np.ndarray) -> np.ndarray:
    """Order dimensions by the label they carry most, strongest first within a label.

    Args:
        weight: (label, dim), comparable between labels.

    Returns:
        (dim,) indices.
    """
    magnitude = np.abs(weight)
    carried = magnitude.argmax(axis=0)  # (dim,) label
    return np.lexsort((-magnitude.max(axis=0), carried))
