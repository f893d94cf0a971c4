"""What a number of seeds can and cannot detect."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from analysis.statistics.intervals import t_quantile

POWER = 0.8
"""Chance of finding a true effect of the stated size."""


def power(d: float, n: int) -> float:
    """Chance that a two-sided t test of paired differences finds a true effect.

    Args:
        d: True mean difference in standard deviations of the difference.
        n: Seeds that both arms share; at least two.

    Returns:
        Probability, 0-1, to about 1e-4.
    """
    shift = d * math.sqrt(n)
    critical = t_quantile(n - 1) * _spread(n - 1)  # (quantile,)
    return float((special.ndtr(shift - critical) + special.ndtr(-critical - shift)).mean())


@cache
def _spread(freedom: int, points: int = 4096) -> NDArray[np.float64]:
    """Estimated over true standard deviation, at evenly spaced quantiles.

    Averaging over it is the noncentral t distribution, which scipy's nct returns as NaN far
    from its centre, where two and three seeds lie.
    """
    quantiles = (np.arange(points) + 0.5) / points
    squares: NDArray[np.float64] = 2 * special.gammaincinv(freedom / 2, quantiles)
    return np.sqrt(squares / freedom)


@cache
def detectable_effect(n: int) -> float:
    """Smallest true effect found with 80 % power over `n` shared seeds.

    Returns:
        Effect in standard deviations of the paired difference; inf below two seeds.
    """
    if n < 2:
        return math.inf
    high = 1.0
    while power(high, n) < POWER:
        high *= 2
    return float(optimize.brentq(lambda d: power(d, n) - POWER, 1e-3, high))


def seeds_needed(d: float) -> int:
    """Fewest shared seeds that find an effect of `d` standard deviations with 80 % power."""
    n = 2
    while power(d, n) < POWER:
        n += 1
    return n


def detection_sentence(n: int) -> str:
    """Say in words what paired comparisons over `n` shared seeds can detect."""
    if n < 2:
        return (
            f"With {n} shared seed{'s' * (n != 1)} this study cannot say how sure it is of any "
            "difference; at least 2 shared seeds give an interval, 3 an effect size."
        )
    needs = ", ".join(f"d = {d:g} needs {seeds_needed(d)}" for d in (2.0, 1.0, 0.5))
    return (
        f"With n = {n} shared seeds this study can detect d >= {detectable_effect(n):.2f} "
        "(a paired difference in its standard deviations, 80 % power, two-sided 5 %, before "
        f"Holm); a smaller effect would mostly go unseen: {needs} seeds."
    )
