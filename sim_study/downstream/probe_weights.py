"""Which latent dimensions carry a label, read from a linear probe's weights."""

from __future__ import annotations

import numpy as np


def rescale_weights(weight: np.ndarray) -> np.ndarray:
    """Stretch each label's weights so that the smallest is -1 and the largest 1.

    Args:
        weight: (label, dim), as a linear probe holds them.

    Returns:
        (dim, label), in [-1, 1]; 0 where a label's weights are all equal.

    Source:
        Smooth InfoMax, arXiv 2408.12936, probe-weight analysis.
    """
    lowest = weight.min(axis=1, keepdims=True)
    span = weight.max(axis=1, keepdims=True) - lowest
    spread = np.where(span > 0, span, 1.0)
    return np.where(span > 0, 2 * (weight - lowest) / spread - 1, 0.0).T
