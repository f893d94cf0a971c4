"""In how many directions a code varies."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sim_study.metrics.contract import Metric, Prepared, Reading
from sim_study.metrics.held_out_information import entropy
from sim_study.naming.quantity import AS_MEASURED, Quantity


class EffectiveRank(Metric):
    """exp of the entropy of the correlation matrix's eigenvalues, as shares of their sum.

    1 when all dimensions are one up to scale, their number when they are uncorrelated. Unlike total
    correlation it is decided by the largest eigenvalues, and so by what the code mostly does. It
    follows neither scale nor labels. Read of the training codes, all single frames together.

    Source: Roy and Vetterli 2007, "The effective rank: a measure of effective dimensionality",
    eq. 4, with eigenvalues of the correlation matrix in place of singular values.
    """

    name = "effective_rank"
    reads_sample = True
    quantities: ClassVar = {
        "effective_rank": Quantity(
            "Effective rank",
            "dimensions",
            "Directions in which the code varies: exp of the entropy of the correlation matrix's "
            "eigenvalues; 1 when all dimensions go together, their number when none do; mean code."
            + AS_MEASURED,
            family="dependence",
            chance="independent dimensions",
        ),
        "effective_rank_sampled": Quantity(
            "Effective rank, sampled code",
            "dimensions",
            "The same of one sample of the latents." + AS_MEASURED,
            family="dependence",
            chance="independent dimensions",
        ),
    }

    def read(self, sample: Prepared, seed: int) -> Reading:
        """Return both; draws nothing."""
        assert sample.sampled_codes is not None, "prepare gives every sample some"
        return Reading(
            {
                "effective_rank": effective_rank(sample.train_codes),
                "effective_rank_sampled": effective_rank(sample.sampled_codes),
            }
        )


METRIC = EffectiveRank()


def effective_rank(codes: np.ndarray) -> float:
    """Return the effective rank of standardised codes (sample, dim): 1 to dim, 0 without any."""
    if codes.shape[1] == 0:
        return 0.0
    variance = np.linalg.eigvalsh(codes.T @ codes).clip(0.0)  # (dim,)
    return float(np.exp(entropy((variance / variance.sum())[None])[0]))
