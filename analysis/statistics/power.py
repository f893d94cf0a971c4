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


def power(d: float, n: int, *, paired: bool = True, level: float = 0.95) -> float:
    """Chance that a two-sided t test finds a true effect.

    Args:
        d: True mean difference in standard deviations (of the difference when paired).
        n: Seeds an arm; at least two.
        paired: Whether both arms share their seeds.
        level: One minus the test's significance level.

    Returns:
        Probability, 0-1, to about 1e-4.
    """
    freedom = n - 1 if paired else 2 * n - 2
    shift = d * math.sqrt(n if paired else n / 2)
    critical = t_quantile(freedom, level) * _spread(freedom)  # (quantile,)
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
def detectable_effect(n: int, *, paired: bool = True, wanted: float = POWER) -> float:
    """Smallest true effect found with the wanted power.

    Args:
        n: Seeds an arm.
        paired: Whether both arms share their seeds.
        wanted: Power, 0-1.

    Returns:
        Effect in standard deviations (of the difference when paired); inf below two seeds.
    """
    if n < 2:
        return math.inf
    high = 1.0
    while power(high, n, paired=paired) < wanted:
        high *= 2
    return float(optimize.brentq(lambda d: power(d, n, paired=paired) - wanted, 1e-3, high))


def seeds_needed(d: float, *, paired: bool = True, wanted: float = POWER) -> int:
    """Fewest seeds an arm that find an effect of `d` standard deviations with the wanted power."""
    n = 2
    while power(d, n, paired=paired) < wanted:
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
