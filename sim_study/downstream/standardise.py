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


def moments(features: np.ndarray) -> Moments:
    """Take the mean and the deviation of every dimension, in double precision.

    Args:
        features: (clip, dim), the training part.
    """
    deviation = features.std(axis=0, dtype=np.float64)
    varies = deviation > CONSTANT_SPREAD * np.abs(features).max(axis=0)
    return Moments(features.mean(axis=0, dtype=np.float64), np.where(varies, deviation, 0.0))


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
    varies = of_reference.varies
    scale = varies / np.where(varies, of_reference.deviation, 1.0)  # (D,)
    return tuple(
        ((features - of_reference.mean) * scale).astype(features.dtype)
        for features in (reference, *others)
    )
