"""t-SNE: codes laid out in the plane so that neighbours stay neighbours."""

from __future__ import annotations

import numpy as np


def tsne(codes: np.ndarray, perplexity: float, seed: int) -> np.ndarray:
    """Lay codes out in the plane.

    Args:
        codes: (sample, dim), at least 4.
        perplexity: Neighbours a point has, in effect; see `fitting_perplexity`.
        seed: Of the optimisation; the start is the first two principal components.

    Returns:
        (sample, 2) float64, without units.

    Source:
        van der Maaten and Hinton 2008, "Visualizing data using t-SNE".
    """
    from sklearn.manifold import TSNE  # takes 0.5 s: only where it is used

    spread = codes.std() or 1.0  # an untrained code varies by 1e-5, below t-SNE's own tolerances
    model = TSNE(
        n_components=2,
        perplexity=perplexity,
        init="pca" if codes.shape[1] > 1 else "random",
        random_state=seed % 2**32,
    )
    return np.asarray(model.fit_transform((codes - codes.mean(axis=0)) / spread), np.float64)


def fitting_perplexity(wanted: float, points: int) -> float:
    """Return the wanted perplexity, or a third of the points where those are too few for it."""
    return min(wanted, (points - 1) / 3)
