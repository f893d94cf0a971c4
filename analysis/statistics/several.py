"""Tests made together: p values adjusted for how many there are."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def holm(p_values: ArrayLike) -> Array:
    """Adjust p values so that any error at all among the tests is rare (Holm 1979).

    Args:
        p_values: (test,) probabilities; NaN is a test that could not be made, and not counted.

    Returns:
        (test,) adjusted probabilities, never below the given ones, at most 1.
    """
    p = np.asarray(p_values, dtype=np.float64)
    adjusted, order = _made(p)
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * p[order]), 1.0)
    return adjusted


def false_discovery_rate(p_values: ArrayLike) -> Array:
    """Adjust p values so that of those called discoveries few are false (Benjamini-Hochberg 1995).

    Args:
        p_values: (test,) probabilities; NaN as in `holm`.

    Returns:
        (test,) the smallest rate at which each would be called a discovery, 0-1.
    """
    p = np.asarray(p_values, dtype=np.float64)
    adjusted, order = _made(p)
    ranks = np.arange(1, len(order) + 1)
    scaled = p[order] * len(order) / ranks
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted


def _made(p: Array) -> tuple[Array, NDArray[np.intp]]:
    """An array to fill, and the tests that could be made, surest first."""
    made = np.flatnonzero(np.isfinite(p))
    return np.full(len(p), math.nan), made[np.argsort(p[made], kind="stable")]
