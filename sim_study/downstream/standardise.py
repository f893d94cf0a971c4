"""Features of variance one: a readout must not depend on how large a layer's latents are."""

from __future__ import annotations

import numpy as np

CONSTANT_SPREAD = 1e-6
"""Standard deviation, as a fraction of a dimension's largest magnitude, that is float32 rounding:
such a dimension is constant, and is set to zero instead of being blown up to variance one."""


def standardise(reference: np.ndarray, *others: np.ndarray) -> tuple[np.ndarray, ...]:
    """Bring every dimension of `reference` to mean 0 and variance 1, and the others likewise.

    Args:
        reference: (clip, dim) features that means and deviations are taken from.
        others: Each (clip, dim), moved and scaled by the reference's numbers.

    Returns:
        The reference, then the others, same shapes and dtypes.
    """
    mean = reference.mean(axis=0, dtype=np.float64)  # (D,)
    deviation = reference.std(axis=0, dtype=np.float64)
    varies = deviation > CONSTANT_SPREAD * np.abs(reference).max(axis=0)
    scale = varies / np.where(varies, deviation, 1.0)
    return tuple(
        ((features - mean) * scale).astype(features.dtype) for features in (reference, *others)
    )
