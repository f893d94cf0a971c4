"""Modularity: each dimension tells one factor. Explicitness: each class can be read linearly."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sim_study.metrics.contract import Metric, Prepared, Reading
from sim_study.naming.quantity import AS_MEASURED, Headline, Quantity
from sim_study.naming.targets import TARGETS


class ModularityExplicitness(Metric):
    """Modularity and explicitness, both scored held out.

    Modularity is a plain mean over dimensions, so that one that tells next to nothing counts as
    much as one that tells all: noise reads about 0.5, only what lies above the null counts, and
    turned codes read no less than aligned ones (d' of -2 to 0.2 on planted codes).
    Weighted by what a dimension tells of all factors together, noise weighs nothing.
    Modularity of one factor alone is undefined and left out. Information is in nats, as in the
    paper; a factor with more entropy weighs more.

    Source: Ridgeway and Mozer 2018, arXiv 1802.05312, section 3.
    """

    name = "modularity_explicitness"
    quantities: ClassVar = {
        "modularity": Quantity(
            "Modularity",
            "fraction",
            "How far each dimension tells one factor alone (Ridgeway and Mozer), mean over "
            "dimensions however little they tell, so that noise reads about 0.5; says nothing "
            "where explicitness of a factor is at its null, since a code that lost one factor "
            "tells the others alone; mean code, held out." + AS_MEASURED,
            better="higher",
            aligned=True,
            family="entanglement",
        ),
        "modularity_weighted": Quantity(
            "Modularity, weighted",
            "fraction",
            "The same, mean over dimensions weighted by what they tell of all factors; says "
            "nothing where explicitness of a factor is at its null; mean code, held out."
            + AS_MEASURED,
            better="higher",
            aligned=True,
            family="entanglement",
        ),
        "explicitness": Quantity(
            "Explicitness",
            "fraction",
            "Area under the curve of each class against the others, of a linear classifier, mean "
            "over classes; 0.5 says nothing; mean code, held out." + AS_MEASURED,
            better="higher",
            family="accuracy",
            headline=Headline("factors", TARGETS),
        ),
    }

    def read(self, sample: Prepared, seed: int) -> Reading:
        """Return both modularities, `explicitness/<factor>` and `explicitness/mean`."""
        separations = np.array([sample.classifiers[f].separation for f in sample.factors])
        values = sample.by_factor("explicitness", separations)
        by_dimension = {}
        if len(sample.factors) > 1:
            parts = by_dimension["modularity"] = modularity(sample.information_nats)
            values["modularity"] = float(parts.mean()) if len(parts) else 0.0
            told = sample.information_nats.sum(axis=1)  # (dim,)
            values["modularity_weighted"] = float(parts @ told / told.sum()) if told.any() else 0.0
        return Reading(values, by_dimension, {"separation": separations})


METRIC = ModularityExplicitness()


def modularity(information: np.ndarray) -> np.ndarray:
    """Return how far each dimension is from telling all factors alike.

    Args:
        information: (dim, factor) in nats, at least two factors.

    Returns:
        (dim,), 0-1: 1 - the squared information about other factors, as a share of what it would
        be if they all were told as well as the best; 0 for a dimension that tells nothing.
    """
    squared = information**2
    best = squared.max(axis=1)
    others = (squared.sum(axis=1) - best) / (information.shape[1] - 1)
    tells = best > 0
    return np.where(tells, 1 - others / np.where(tells, best, 1.0), 0.0)
