"""Features of variance one: a readout must not depend on how large a layer's latents are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

CONSTANT_SPREAD = 1e-6
"""Standard deviation, as a fraction of a dimension's largest magnitude, up to which the dimension
is constant (inactive). The rule asks only whether float32 rounding (6e-8) could explain the
variation: an absolute threshold, as for active units, would follow the scale of the code, which is
exactly what differs between the arms (an untrained encoder's pooled features vary by 1e-5)."""


class Moments(NamedTuple):
    """What features are standardised by.

    Args:
        mean: (dim,) float64.
        deviation: (dim,) float64, standard deviation; exactly 0 where a dimension is constant.
    """

    mean: np.ndarray
    deviation: np.ndarray

    @property
    def varies(self) -> np.ndarray:
        """Which dimensions are active: (dim,) bool."""
        active: np.ndarray = self.deviation > 0
        return active

    def standardise(self, features: np.ndarray) -> np.ndarray:
        """Bring (clip, dim) features to mean 0 and variance 1, constant dimensions to zero."""
        scale = self.varies / np.where(self.varies, self.deviation, 1.0)  # (D,)
        scaled: np.ndarray = ((features - self.mean) * scale).astype(features.dtype)
        return scaled


def moments(features: np.ndarray) -> Moments:
    """Take the mean and the deviation of every dimension, in double precision.

    Args:
        features: (clip, dim), the training part.
    """
    deviation = features.std(axis=0, dtype=np.float64)
    mean = features.mean(axis=0, dtype=np.float64)
    return _moments(mean, deviation, np.abs(features).max(axis=0))


class RunningMoments:
    """Takes the same of features that come in parts.

    Source:
        Chan, Golub & LeVeque (1983), Algorithms for computing the sample variance, eq. 2.1.
    """

    def __init__(self) -> None:
        self._count = 0
        self._mean = self._squares = self._largest = np.zeros(1)

    def add(self, part: np.ndarray) -> None:
        """Add features (frame, dim), at least one."""
        before, count = self._count, len(part)
        self._count += count
        shift = part.mean(axis=0, dtype=np.float64) - self._mean  # (D,)
        self._squares = self._squares + part.var(axis=0, dtype=np.float64) * count
        self._squares = self._squares + shift**2 * (before * count / self._count)
        self._mean = self._mean + shift * (count / self._count)
        self._largest = np.maximum(self._largest, np.abs(part).max(axis=0))

    @property
    def moments(self) -> Moments:
        """Moments of all features so far."""
        return _moments(self._mean, np.sqrt(self._squares / self._count), self._largest)


def _moments(mean: np.ndarray, deviation: np.ndarray, largest: np.ndarray) -> Moments:
    return Moments(mean, np.where(deviation > CONSTANT_SPREAD * largest, deviation, 0.0))


def standardise(reference: np.ndarray, *others: np.ndarray) -> tuple[np.ndarray, ...]:
    """Bring every dimension of `reference` to mean 0 and variance 1, and the others likewise.

    Args:
        reference: (clip, dim) features that means and deviations are taken from.
        others: Each (clip, dim), moved and scaled by the reference's numbers.

    Returns:
        The reference, then the others, same shapes and dtypes; a constant dimension is set to
        zero instead of being blown up to variance one.
    """
    of_reference = moments(reference)
    return tuple(of_reference.standardise(features) for features in (reference, *others))
