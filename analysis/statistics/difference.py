"""Two tests of one difference: is it other than zero, and is it smaller than what matters."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.statistics.intervals import LEVEL, Interval, flat, pairs, seeds_of, t_quantile


@dataclass(frozen=True)
class Difference:
    """A mean difference b - a as t tests see it.

    Args:
        mean: In the unit of the values; NaN without seeds.
        error: Its standard error; NaN where it is unknown: below two seeds, or without spread,
            which says nothing about chance.
        freedom: Degrees of freedom of the error.
        n: Number of seeds of a side.
    """

    mean: float
    error: float
    freedom: float
    n: int

    def interval(self, level: float = LEVEL) -> Interval:
        """Return the two-sided t interval; ends are NaN where the error is unknown."""
        if math.isnan(self.error):
            return Interval(self.mean, math.nan, math.nan, self.n)
        half = t_quantile(self.freedom, level) * self.error
        return Interval(self.mean, self.mean - half, self.mean + half, self.n)

    @property
    def p(self) -> float:
        """Two-sided p of no difference, 0-1; NaN where the error is unknown."""
        if math.isnan(self.error):
            return math.nan
        return float(2 * special.stdtr(self.freedom, -abs(self.mean) / self.error))

    def p_equivalent(self, matters: float) -> float:
        """P of a difference of at least `matters` in either direction; NaN as for `p`.

        The larger p of two one-sided tests: below 5 %, the 90 % interval lies within ± matters.

        Source:
            Schuirmann (1987), A comparison of the two one-sided tests procedure.
        """
        if math.isnan(self.error):
            return math.nan
        return float(special.stdtr(self.freedom, (abs(self.mean) - matters) / self.error))


def paired(a: ArrayLike, b: ArrayLike) -> Difference:
    """Take the difference of each seed: what both sides of a seed share falls out.

    Args:
        a: (seed,) values of one side.
        b: (seed,) values of the other side, same seeds in the same order.
    """
    difference = pairs(a, b)
    n = len(difference)
    if n == 0:
        return Difference(math.nan, math.nan, math.nan, 0)
    known = n > 1 and not flat(difference)
    error = float(difference.std(ddof=1)) / math.sqrt(n) if known else math.nan
    return Difference(float(difference.mean()), error, n - 1, n)


def welch(a: ArrayLike, b: ArrayLike) -> Difference:
    """Take the difference of the means, as of seeds that share nothing; sides as in `paired`.

    Source:
        Welch (1947); degrees of freedom by Satterthwaite's approximation.
    """
    a, b = seeds_of(a), seeds_of(b)
    n = min(len(a), len(b))
    if n == 0:
        return Difference(math.nan, math.nan, math.nan, 0)
    mean = float(b.mean() - a.mean())
    if n < 2 or (flat(a) and flat(b)):
        return Difference(mean, math.nan, math.nan, n)
    parts = np.array([side.var(ddof=1) / len(side) for side in (a, b)])
    freedom = parts.sum() ** 2 / (parts**2 / [len(a) - 1, len(b) - 1]).sum()
    return Difference(mean, math.sqrt(parts.sum()), float(freedom), n)
