"""Total correlation: how far the dimensions of a code are from independent."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sim_study.metrics.contract import Metric, Prepared, Reading
from sim_study.naming.quantity import AS_MEASURED, Quantity


class TotalCorrelation(Metric):
    """Total correlation of a Gaussian with the codes' shrunk covariance, in nats.

    A lower bound on dependence that is not linear; invariant to the scale of each dimension. The
    plain covariance would read about dim (dim - 1) / 4 samples on independent dimensions (0.1 nats
    at 32 dimensions and 2,000 clips, 33 at 512) and infinity with more dimensions than samples;
    the shrinkage takes nearly all of that away. It is the sum of -1/2 log over the correlation
    matrix's eigenvalues, so that the smallest decide: of pooled codes 96 % of it came from
    eigenvalues below 0.01, and a collapsed SIM reads 58 nats of its means and 0 of its samples,
    whose noise fills those directions. Of single frames all are read together, whatever factor
    they carry. Labels play no part: the null permutes each
    dimension by itself. Read of the training codes, of which there are more.

    Source: Watanabe 1960, eq. 2.5, for a Gaussian: -1/2 log det of the correlation matrix; Ledoit
    and Wolf 2004, "A well-conditioned estimator for large-dimensional covariance matrices".
    """

    name = "total_correlation"
    quantities: ClassVar = {
        "total_correlation": Quantity(
            "Total correlation",
            "nats",
            "Dependence between the dimensions of a Gaussian with the codes' shrunk covariance; "
            "grows with their number; never alone a finding, since nearly all of it comes from "
            "directions in which the code hardly varies: see the effective rank beside it; mean "
            "code." + AS_MEASURED,
            better="lower",
            family="dependence",
            chance="independent dimensions",
        )
    }

    def read(self, sample: Prepared, seed: int) -> Reading:
        """Return `total_correlation` and how well the other dimensions explain each one."""
        value, explained = gaussian_total_correlation(sample.train_codes)
        return Reading({"total_correlation": value}, by_dimension={"told_by_others": explained})


METRIC = TotalCorrelation()


def gaussian_total_correlation(codes: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the total correlation in nats, and the share of each dimension others explain.

    Args:
        codes: (sample, dim), standardised.

    Returns:
        At least 0, and (dim,) squared multiple correlations, 0-1.
    """
    dims = codes.shape[1]
    if dims < 2:
        return 0.0, np.zeros(dims)
    from sklearn.covariance import ledoit_wolf

    covariance, _ = ledoit_wolf(codes)
    deviation = np.sqrt(np.diagonal(covariance))
    correlation = covariance / np.outer(deviation, deviation)
    value = 0.0 - 0.5 * float(np.linalg.slogdet(correlation).logabsdet)
    explained = 1 - 1 / np.diagonal(np.linalg.inv(correlation))
    return max(0.0, value), explained.clip(0.0, 1.0)
