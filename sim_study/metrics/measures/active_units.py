"""How many dimensions of a code vary at all."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sim_study.metrics.contract import Metric, Prepared, Reading
from sim_study.naming.quantity import AS_MEASURED, Quantity

BURDA_VARIANCE = 0.01
"""Variance of the posterior mean over the data above which a unit is active, prior variance 1."""


class ActiveUnits(Metric):
    """Dimensions that vary, by two rules.

    `active_dimensions`, for any code: the standard deviation over training clips exceeds what
    rounding can explain, a millionth of the dimension's largest magnitude; what all other metrics
    go by. `burda_units`: the variance exceeds 0.01, a share of the prior's variance of 1, so that
    it means something for codes that a KL term holds to N(0, 1), SIM's, and follows the scale of
    any other. Neither depends on labels or on other dimensions: chance reads the same.

    Source: Burda, Grosse and Salakhutdinov 2016, arXiv 1509.00519, section 5.
    """

    name = "active_units"
    follows_scale = True
    quantities: ClassVar = {
        "active_dimensions": Quantity(
            "Dimensions that vary",
            "dimensions",
            "Dimensions that vary over clips by more than rounding explains: those that all "
            "entanglement metrics go by; mean code." + AS_MEASURED,
            family="described",
            chance="none",
        ),
        "burda_units": Quantity(
            "Dimensions that vary by more than 0.01",
            "dimensions",
            "Dimensions whose mean over a clip varies by more than 0.01 (variance) over clips; a "
            "share of SIM's prior variance of 1, while any other code's count follows its scale; "
            "mean code." + AS_MEASURED,
            family="described",
            chance="none",
        ),
    }

    def read(self, sample: Prepared, seed: int) -> Reading:
        """Return both counts and every active dimension's variance."""
        variance = sample.raw_codes.var(axis=0, dtype=np.float64)  # (dim,)
        values = {
            "active_dimensions": float(len(variance)),
            "burda_units": float((variance > BURDA_VARIANCE).sum()),
        }
        return Reading(values, by_dimension={"variance": variance})


METRIC = ActiveUnits()
