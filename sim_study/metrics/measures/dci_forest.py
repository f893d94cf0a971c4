"""DCI by a random forest: importances that do not suppose a linear code."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sim_study.downstream.probes.linear_probe import majority_accuracy
from sim_study.metrics.contract import Metric, Prepared, Reading
from sim_study.metrics.measures.dci import completeness, disentanglement
from sim_study.metrics.prepared import rows_of
from sim_study.naming.quantity import AS_MEASURED, Quantity

TREES = 50
LEAST_LEAF = 10
"""Rows in a leaf at least: noise that would be learnt by heart makes every dimension important."""
FOREST_SEED = 0


class DciForest(Metric):
    """DCI whose importances are those of a random forest a factor, as its authors' were.

    Importance of a dimension = the mean decrease of Gini impurity by its splits, as a share of the
    factor's total. A forest takes tens of times as long as the linear classifier, and so is not
    measured unless it is asked for; what it says of aligned against rotated codes is printed by
    `python -m benchmarks planted`.

    Source: Eastwood and Williams 2018, "A framework for the quantitative evaluation of
    disentangled representations", section 4.1; Breiman 2001, "Random forests".
    """

    name = "dci_forest"
    quantities: ClassVar = {
        "dci_forest_disentanglement": Quantity(
            "DCI disentanglement, random forest",
            "fraction",
            "How far each dimension serves a single factor, by a random forest; mean code."
            + AS_MEASURED,
            better="higher",
            family="entanglement",
            aligned=True,
        ),
        "dci_forest_completeness": Quantity(
            "DCI completeness, random forest",
            "fraction",
            "How far each factor is served by a single dimension, by a random forest; mean code."
            + AS_MEASURED,
            better="higher",
            family="entanglement",
            aligned=True,
        ),
        "dci_forest_informativeness": Quantity(
            "DCI informativeness, random forest",
            "fraction",
            "Held-out accuracy of the forest whose importances are read; mean code." + AS_MEASURED,
            better="higher",
            family="accuracy",
        ),
    }

    def read(self, sample: Prepared, seed: int) -> Reading:
        """Return both, and `dci_forest_informativeness/<factor>`; the forest's seed is fixed."""
        importances, accuracies = zip(*(_forest(sample, f) for f in sample.factors), strict=True)
        importance = np.stack(importances, axis=1)  # (dim, factor)
        values = {
            f"dci_forest_informativeness/{factor}": accuracy
            for factor, accuracy in zip(sample.factors, accuracies, strict=True)
        }
        values["dci_forest_completeness"] = completeness(importance)
        if len(sample.factors) > 1:
            values["dci_forest_disentanglement"] = disentanglement(importance)
        return Reading(values, {"importance": importance}, {"accuracy": np.array(accuracies)})


METRIC = DciForest()


def _forest(sample: Prepared, factor: str) -> tuple[np.ndarray, float]:
    """Importance of every dimension (dim,), shares of 1, and held-out accuracy."""
    from sklearn.ensemble import RandomForestClassifier

    part = sample.parts[factor]
    codes = rows_of(sample.train_codes, part.train_rows)
    if codes.shape[1] == 0 or len(np.unique(part.train_labels)) < 2:
        return np.zeros(codes.shape[1]), majority_accuracy(part.train_labels, part.test_labels)
    forest = RandomForestClassifier(TREES, min_samples_leaf=LEAST_LEAF, random_state=FOREST_SEED)
    forest.fit(codes, part.train_labels)
    named = forest.predict(rows_of(sample.test_codes, part.test_rows))
    return forest.feature_importances_, float(np.mean(named == part.test_labels))
