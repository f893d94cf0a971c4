"""From numbers over seeds to an estimate and how sure we are of it; pure functions of arrays.

Intervals are t intervals at every number of seeds: the percentile bootstrap covers the truth
75-84 % of the time at n = 3 to 5, and still only 91 % at n = 20, where the t interval covers 93 %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

LEVEL = 0.95
"""Coverage that an interval promises."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A mean over seeds with its interval, in the unit of the values.

    Args:
        mean: Mean over seeds; NaN when there are none.
        low: Lower end of the interval; NaN where it is unknown: below two seeds, or when all
            seeds are equal.
        high: Upper end, likewise.
        n: Number of seeds.
    """

    mean: float
    low: float
    high: float
    n: int

    @property
    def half_width(self) -> float:
        """Half the interval's width, in the unit of the values."""
        return (self.high - self.low) / 2


def mean_interval(values: ArrayLike) -> Interval:
    """Mean over seeds with a two-sided t interval.

    Values without spread have no interval: accuracies are counts of clips, so that two or three
    seeds can agree exactly, and a width of zero would pass for certainty.

    Args:
        values: (seed,) any unit; must be finite.

    Returns:
        Interval in the unit of `values`.
    """
    values = seeds_of(values)
    n = len(values)
    if n == 0:
        return Interval(math.nan, math.nan, math.nan, 0)
    mean = float(values.mean())
    if n == 1 or flat(values):
        return Interval(mean, math.nan, math.nan, n)
    half = t_quantile(n - 1) * float(values.std(ddof=1)) / math.sqrt(n)
    return Interval(mean, mean - half, mean + half, n)


def paired_difference(a: ArrayLike, b: ArrayLike) -> Interval:
    """Mean of b - a over shared seeds with a t interval.

    Args:
        a: (seed,) values of one side.
        b: (seed,) values of the other side, same seeds in the same order.

    Returns:
        Interval in the unit of the values, as `mean_interval` of the differences.
    """
    return mean_interval(pairs(a, b))


def hedges_g_paired(a: ArrayLike, b: ArrayLike) -> float:
    """Mean of b - a in standard deviations of the paired difference, corrected for small n.

    Returns:
        Effect size without unit; NaN below three pairs, where the correction is undefined.

    Source:
        Hedges (1981), exact correction with n - 1 degrees of freedom; Lakens (2013), d_z.
    """
    difference = pairs(a, b)
    if len(difference) < 3 or flat(difference):
        return math.nan
    d = difference.mean() / difference.std(ddof=1)
    return float(small_sample_correction(len(difference) - 1) * d)


def small_sample_correction(freedom: int) -> float:
    """Factor that makes a standardised mean difference unbiased (Hedges 1981, equation 6d)."""
    log = math.lgamma(freedom / 2) - math.lgamma((freedom - 1) / 2)
    return math.exp(log) / math.sqrt(freedom / 2)


def cliffs_delta(a: ArrayLike, b: ArrayLike) -> float:
    """P(b > a) - P(b < a) over all pairs of seeds: 1 when every b exceeds every a; NaN if empty."""
    a, b = seeds_of(a), seeds_of(b)
    if not len(a) or not len(b):
        return math.nan
    return float(np.sign(b[:, None] - a[None, :]).mean())  # (seed of b, seed of a)


def probability_of_improvement(a: ArrayLike, b: ArrayLike) -> float:
    """Probability that a seed of b exceeds a seed of a, ties counted half; NaN if empty.

    Source:
        Agarwal et al. (2021), Deep RL at the edge of the statistical precipice, section 4.
    """
    return (cliffs_delta(a, b) + 1) / 2


@cache
def t_quantile(freedom: float, level: float = LEVEL) -> float:
    """Half width of a two-sided t interval, in standard errors."""
    return float(special.stdtrit(freedom, (1 + level) / 2))


def seeds_of(values: ArrayLike) -> Array:
    """Return values as (seed,) float64; anything else is refused."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"expected one value a seed, got an array of shape {array.shape}")
    return array


def pairs(a: ArrayLike, b: ArrayLike) -> Array:
    """Return b - a, (seed,); sides of unequal length are refused."""
    a, b = seeds_of(a), seeds_of(b)
    if a.shape != b.shape:
        raise ValueError(f"pairs need equally many seeds on both sides, not {len(a)} and {len(b)}")
    return b - a


def flat(values: Array) -> bool:
    """Whether values are equal but for rounding, so that their spread is noise of arithmetic."""
    return bool(np.ptp(values) <= 1e-12 * max(1.0, float(np.abs(values).max())))
