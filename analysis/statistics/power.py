"""What a number of seeds can and cannot decide."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from analysis.statistics.intervals import t_quantile

POWER = 0.8
"""Chance of finding a true effect of the stated size."""

ALPHA = 0.05
"""Chance of an error that all tests made together may have."""

MANY = 10_000
"""More seeds than anybody will run."""


def power(d: float, n: int, alpha: float = ALPHA) -> float:
    """Chance that a two-sided t test of paired differences finds a true effect.

    Args:
        d: True mean difference in standard deviations of the difference.
        n: Seeds that both arms share; at least two.
        alpha: Level of the test: with Holm over k tests, the first to pass needs 0.05 / k.

    Returns:
        Probability, 0-1, to about 1e-4.
    """
    shift = d * math.sqrt(n)
    critical = t_quantile(n - 1, 1 - alpha) * _spread(n - 1)  # (quantile,)
    return float((special.ndtr(shift - critical) + special.ndtr(-critical - shift)).mean())


def equivalence_power(matters: float, n: int, alpha: float = ALPHA) -> float:
    """Chance that two one-sided t tests find equal what is equal.

    Args:
        matters: Smallest difference that matters, in standard deviations of the difference.
        n: Seeds that both arms share; at least two.
        alpha: Level of each of the two tests.

    Returns:
        Probability, 0-1, to about 1e-4.
    """
    critical = t_quantile(n - 1, 1 - 2 * alpha) * _spread(n - 1)  # (quantile,)
    room = matters * math.sqrt(n) - critical
    return float(np.maximum(2 * special.ndtr(room) - 1, 0).mean())


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
def detectable_effect(n: int, alpha: float = ALPHA) -> float:
    """Smallest true effect found with 80 % power over `n` shared seeds.

    Returns:
        Effect in standard deviations of the paired difference; inf below two seeds.
    """
    if n < 2:
        return math.inf
    high = 1.0
    while power(high, n, alpha) < POWER:
        high *= 2
    return float(optimize.brentq(lambda d: power(d, n, alpha) - POWER, 1e-3, high))


def seeds_needed(d: float, alpha: float = ALPHA) -> int:
    """Fewest shared seeds that find an effect of `d` standard deviations with 80 % power."""
    return _fewest(lambda n: power(d, n, alpha))


def seeds_to_settle(matters: float, alpha: float = ALPHA) -> int:
    """Fewest shared seeds that tell, with 80 % power, a difference that matters from none.

    A true difference of `matters` is then found, and a true zero is found equivalent; a difference
    between the two may stay undecided with any number of seeds.

    Args:
        matters: Smallest difference that matters, in standard deviations of the difference.
        alpha: Level of the tests.

    Returns:
        Number of seeds, at most 10,000.
    """
    return _fewest(lambda n: min(power(matters, n, alpha), equivalence_power(matters, n, alpha)))


def _fewest(chance: Callable[[int], float]) -> int:
    """Fewest seeds with 80 % power; power grows with seeds."""
    high = 2
    while chance(high) < POWER and high < MANY:
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if chance(middle) >= POWER else (middle, high)
    return min(high, MANY)


def detection_sentence(n: int, tests: int) -> str:
    """Say in words what paired comparisons over `n` shared seeds can detect.

    Args:
        n: Number of seeds.
        tests: How many tests Holm adjusts for; 1: none besides.
    """
    if n < 2:
        return (
            f"With {n} shared seed{'s' * (n != 1)} this study cannot say how sure it is of any "
            "difference; at least 2 shared seeds give an interval, 3 an effect size."
        )
    level = ALPHA / tests
    needs = ", ".join(f"d = {d:g} needs {seeds_needed(d, level)}" for d in (2.0, 1.0, 0.5))
    holm = f"Holm over {tests} tests" if tests > 1 else "one test"
    return (
        f"With n = {n} shared seeds a paired t test (two-sided 5 %, {holm}) can detect "
        f"d >= {detectable_effect(n, level):.2f}, a paired difference in its standard deviations, "
        f"with 80 % power; a smaller effect would mostly go unseen: {needs} seeds."
    )
