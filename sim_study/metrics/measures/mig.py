"""Mutual information gap: does one dimension, and only one, tell a factor?"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sim_study.metrics.contract import Metric, Prepared, Reading
from sim_study.naming.quantity import AS_MEASURED, Headline, Quantity


class Mig(Metric):
    """Mutual information gap, scored held out (see `held_out_information`).

    Source: Chen et al. 2018, arXiv 1802.04942, eq. 6.
    """

    name = "mig"
    quantities: ClassVar = {
        "mig": Quantity(
            "MIG",
            "fraction",
            "Gap between the two dimensions that tell most about a factor, as a fraction of the "
            "factor's entropy; blind to a factor that is spread over several dimensions, however "
            "well these are its own; mean code, held out." + AS_MEASURED,
            better="higher",
            aligned=True,
            family="entanglement",
            headline=Headline("single dimensions", ("mean",)),
        )
    }

    def read(self, sample: Prepared, seed: int) -> Reading:
        """Return `mig/<factor>` and their mean `mig/mean`, each 0-1; draws nothing."""
        gaps = np.array([gap(column) for column in sample.information.T])
        values = sample.by_factor("mig", gaps)
        return Reading(values, {"information": sample.information}, {"gap": gaps})


METRIC = Mig()


def gap(scores: np.ndarray) -> float:
    """Return by how much the best dimension's score exceeds the second best's.

    Args:
        scores: (dim,), 0-1.

    Returns:
        0-1; 0 without dimensions; a lone dimension has no rival.
    """
    best = np.sort(scores)[::-1][:2]
    first, second = np.pad(best, (0, 2 - len(best)))
    return float(first - second)
