"""The reference's estimate of total correlation, kept for comparison with its numbers."""

from __future__ import annotations

from math import inf
from typing import ClassVar

import numpy as np

from sim_study.metrics.contract import Metric, Prepared, Reading
from sim_study.naming.quantity import AS_MEASURED, Quantity

BANDWIDTH = 0.1
SAMPLES = 600
"""Codes that are read, at most: the cost grows with their square and the value with their number,
so it is the same for all arms."""


class KdeReference(Metric):
    """Total correlation from kernel densities scored on their own points, in nats.

    Not to be trusted: it reads 20.9 for independent data whose total correlation is 0, and follows
    the scale of the code, which is exactly what differs between SIM and GIM. Use
    `total_correlation`.

    Source: the code of Smooth InfoMax, arXiv 2408.12936.
    """

    name = "kde_reference"
    follows_scale = True
    quantities: ClassVar = {
        "total_correlation_kde": Quantity(
            "Total correlation, the reference's estimate",
            "nats",
            "From kernel densities scored on their own points: far from 0 on independent "
            "dimensions, and follows the scale of the code; mean code." + AS_MEASURED,
            family=None,
            low=-inf,
            chance="independent dimensions",
        )
    }

    def read(self, sample: Prepared, seed: int) -> Reading:
        """Return `total_correlation_kde` of training codes drawn at random, as they were given."""
        codes = sample.raw_codes
        if len(codes) > SAMPLES:
            codes = np.random.default_rng(seed).choice(codes, SAMPLES, replace=False)
        return Reading({"total_correlation_kde": kde_total_correlation(codes)})


METRIC = KdeReference()


def kde_total_correlation(codes: np.ndarray) -> float:
    """Return the mean log-ratio of a joint kernel density to the product of its marginals.

    Args:
        codes: (sample, dim), not standardised.

    Returns:
        Nats; 0 for fewer than two dimensions.
    """
    dims = codes.shape[1]
    if dims < 2:
        return 0.0
    joint = log_densities(codes)  # (sample,)
    marginals = sum(log_densities(codes[:, [dim]]) for dim in range(dims))
    return float((joint - marginals).mean())


def log_densities(codes: np.ndarray) -> np.ndarray:
    """Log-density of every point under Gaussian kernels on all points, its own too: (sample,).

    As scikit-learn's KernelDensity, which searches a tree: 20 times slower where nearly all points
    count.
    """
    from scipy.spatial.distance import cdist

    samples, dims = codes.shape
    kernels = cdist(codes, codes, "sqeuclidean")  # (sample, sample)
    kernels *= -0.5 / BANDWIDTH**2
    np.exp(kernels, out=kernels)
    densities: np.ndarray = np.log(kernels.sum(axis=1) / samples)  # at least 1 / samples
    densities -= dims * np.log(BANDWIDTH * np.sqrt(2 * np.pi))
    return densities
