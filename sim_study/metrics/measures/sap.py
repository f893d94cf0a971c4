"""Separated attribute predictability: does one dimension alone name a factor's class?"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sim_study.metrics.contract import Metric, Prepared, Reading
from sim_study.metrics.held_out_information import balanced_accuracy
from sim_study.metrics.measures.mig import gap
from sim_study.naming.quantity import AS_MEASURED, Headline, Quantity


class Sap(Metric):
    """Gap between the balanced accuracies of the two dimensions that name a factor best.

    A dimension names classes by thresholds that are fitted to the training clips; here they lie on
    the edges of the fixed bins, each of which names the class it holds most of relative to the
    class's frequency. The accuracy is that on the test clips. A lone dimension's rival is chance,
    1 / classes.

    Source: Kumar, Sattigeri and Balakrishnan 2018, arXiv 1711.00848, section 3.
    """

    name = "sap"
    quantities: ClassVar = {
        "sap": Quantity(
            "SAP",
            "fraction",
            "Gap between the balanced accuracies of the two dimensions that name a factor's class "
            "best; blind to a factor that is spread over several dimensions, however well these "
            "are its own; mean code, held out." + AS_MEASURED,
            better="higher",
            aligned=True,
            family="entanglement",
            headline=Headline("single dimensions", ("mean",)),
        )
    }

    def read(self, sample: Prepared, seed: int) -> Reading:
        """Return `sap/<factor>` and their mean `sap/mean`, each 0-1; draws nothing."""
        scores = np.stack([balanced_accuracy(sample.confusion[f]) for f in sample.factors], axis=1)
        found = []
        for column, factor in zip(scores.T, sample.factors, strict=True):  # (dim,)
            chance = 1 / len(np.unique(sample.parts[factor].test_labels))
            found.append(max(column[0] - chance, 0.0) if len(column) == 1 else gap(column))
        gaps = np.array(found)
        return Reading(sample.by_factor("sap", gaps), {"accuracy": scores}, {"gap": gaps})


METRIC = Sap()
