"""How latents are distributed, beside the prior N(0, 1)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

BINS = 61
LEAST_REACH = 4.0
"""Histograms reach at least so far to both sides, so that N(0, 1) is whole."""
INSIDE = 0.999
"""Fraction of the values that lie inside a histogram's reach."""


class Histogram(NamedTuple):
    """Values of one dimension, or of all, as a density.

    Args:
        edges: (bin + 1,).
        density: (bin,); values beyond the edges count in the total, so that it is comparable.
        mean, deviation: Of all values.
    """

    edges: np.ndarray
    density: np.ndarray
    mean: float
    deviation: float


def reach(*codes: np.ndarray) -> float:
    """Return how far histograms of some codes should reach to both sides.

    Args:
        codes: Each (frame, dim).
    """
    return max([LEAST_REACH, *(float(np.quantile(np.abs(one), INSIDE)) for one in codes)])


def histogram(values: np.ndarray, far: float) -> Histogram:
    """Count values between -far and far.

    Args:
        values: Any shape.
        far: In the code's own units.
    """
    values = values.astype(np.float64).ravel()
    counts, edges = np.histogram(values, BINS, (-far, far))
    density = counts / (len(values) * np.diff(edges))
    return Histogram(edges, density, float(values.mean()), float(values.std()))


def widest(codes: np.ndarray, count: int) -> np.ndarray:
    """Return the dimensions of largest variance, largest first: (dim,) indices.

    Args:
        codes: (frame, dim).
        count: At most so many.
    """
    return np.argsort(-codes.var(axis=0, dtype=np.float64), kind="stable")[:count]


def moments_beside_prior(codes: np.ndarray) -> np.ndarray:
    """Return mean, deviation and distance from N(0, 1) of every dimension.

    The distance is the KL divergence of the normal distribution of the same mean and deviation:
    (mean^2 + deviation^2 - 1) / 2 - ln deviation, in nats, inf for a constant dimension. It is
    about the latents of all frames together, not about a single frame's posterior.

    Args:
        codes: (frame, dim).

    Returns:
        (dim, 3).
    """
    mean = codes.mean(axis=0, dtype=np.float64)
    deviation = codes.std(axis=0, dtype=np.float64)
    with np.errstate(divide="ignore"):
        kl_nats = (mean**2 + deviation**2 - 1) / 2 - np.log(deviation)
    return np.stack([mean, deviation, kl_nats], axis=1)
