"""InfoMEC: modularity, explicitness and compactness from information alone."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sim_study.metrics.contract import Metric, Prepared, Reading
from sim_study.metrics.held_out_information import chance_probability
from sim_study.naming.quantity import AS_MEASURED, Headline, Quantity

SURPRISE = 0.05
"""Probability that a code which tells nothing of any factor has a dimension left after pruning."""


class InfoMec(Metric):
    """InfoM, InfoE and InfoC, all scored held out.

    Modularity and compactness are means over the dimensions left after pruning. The paper prunes
    those whose range is below a twentieth of the widest, which follows the scale of the code: just
    what differs between arms. Here a dimension stays if it tells some factor: Pearson's test of
    its table of named and true classes, adjusted for the number of dimensions and factors. With
    none left both are 0, and so noise reads 0.

    InfoM of one factor alone is undefined and left out. InfoM and InfoC say nothing of a factor
    that cannot be read (explicitness): a code that lost it tells the others alone, and is modular.

    The paper scores InfoE on the clips that its classifier was fitted to. Held out it also asks
    that test clips are like training clips, as those of artificial speech are not (they are 1.6
    times as loud, and codes lie about a deviation off): it reads 0 there where explicitness is
    0.78, and 0.4 on training words left out of the fit. No penalty mends that; those that
    cross-validation on training clips chooses, 1 to 10, read 0 as well.

    Source: Hsu, Dorrell, Whittington, Wu and Finn 2023, arXiv 2305.18378, section 4, eqs. 5-8.
    """

    name = "infomec"
    quantities: ClassVar = {
        "infom": Quantity(
            "InfoM modularity",
            "fraction",
            "How far each dimension that tells some factor tells one alone; says nothing where "
            "explicitness of a factor is at its null, since a code that lost one factor tells the "
            "others alone; mean code, held out." + AS_MEASURED,
            better="higher",
            aligned=True,
            family="entanglement",
            headline=Headline("single dimensions"),
        ),
        "infoe": Quantity(
            "InfoE explicitness",
            "fraction",
            "Share of a factor's entropy that a linear classifier takes away; 0 where it is so "
            "sure of itself that naming frequencies would do better, as on a test split that was "
            "recorded otherwise, which explicitness forgives; mean code, held out." + AS_MEASURED,
            better="higher",
            family="accuracy",
            headline=Headline("factors", ("mean",)),
        ),
        "infoc": Quantity(
            "InfoC compactness",
            "fraction",
            "How far each factor is told by one dimension alone, among those that tell some "
            "factor; mean code, held out." + AS_MEASURED,
            better="higher",
            aligned=True,
            family="entanglement",
            headline=Headline("single dimensions"),
        ),
        "told_dimensions": Quantity(
            "Dimensions that tell a factor",
            "dimensions",
            "Dimensions whose relation to some factor chance does not explain (5 %, adjusted for "
            "the number of dimensions and factors): those that InfoM and InfoC go by; mean code, "
            "held out." + AS_MEASURED,
            family="described",
        ),
    }

    def read(self, sample: Prepared, seed: int) -> Reading:
        """Return `infom`, `infoc`, `infoe/<factor>`, `infoe/mean`, `told_dimensions`."""
        explained = np.array([sample.classifiers[f].explained for f in sample.factors])
        information = sample.information  # (dim, factor)
        chance = np.stack([chance_probability(sample.confusion[f]) for f in sample.factors], axis=1)
        kept = np.any(chance * max(chance.size, 1) < SURPRISE, axis=1)  # (dim,)
        values = sample.by_factor("infoe", explained)
        values["infoc"] = share_of_best(information[kept].T)
        values["told_dimensions"] = float(kept.sum())
        if len(sample.factors) > 1:
            values["infom"] = share_of_best(information[kept])
        by_dimension = {"information": information, "kept": kept.astype(np.float64)}
        return Reading(values, by_dimension, {"explained": explained})


METRIC = InfoMec()


def share_of_best(information: np.ndarray) -> float:
    """Return the largest entry of a row as a share of its sum, mean over rows, from 0 to 1.

    Args:
        information: (row, column): dimensions x factors for modularity, transposed for
            compactness.

    Returns:
        0 when every row is even or there is none, 1 when every row has one entry; a row of zeros
        counts as even, and a lone column is complete wherever it is not zero.
    """
    rows, columns = information.shape
    if rows == 0 or columns == 0:
        return 0.0
    totals = information.sum(axis=1)
    tells = totals > 0
    if columns == 1:
        return float(tells.mean())
    shares = np.where(tells, information.max(axis=1) / np.where(tells, totals, 1.0), 1 / columns)
    return float(np.clip((shares.mean() - 1 / columns) / (1 - 1 / columns), 0.0, 1.0))
