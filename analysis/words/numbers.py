"""How numbers are written: values, intervals and probabilities."""

from __future__ import annotations

import math

ROUNDING = 1e-12
"""Below this a difference of numbers around 1 is noise of arithmetic."""


def number(value: float, *, signed: bool = False) -> str:
    """Write a value with about three significant digits, or "-" when there is none."""
    if not math.isfinite(value):
        return "-"
    sign = "+" if signed else ""
    value = 0.0 if abs(value) < ROUNDING else value
    text = f"{value:{sign}.{decimals(value)}f}"
    return f"{value:{sign}.0e}" if value and float(text) == 0 else text


def estimate(mean: float, half_width: float, *, signed: bool = False, compact: bool = False) -> str:
    """Write a mean and the half width of its interval with equally many decimals.

    Args:
        mean: In any unit.
        half_width: In the same unit; left out when there is none (NaN), as for equal seeds.
        signed: Whether a positive mean gets its sign.
        compact: One decimal less and no space, for tables of many columns.
    """
    if not math.isfinite(mean) or not math.isfinite(half_width):
        return number(mean, signed=signed)
    places = max(0, min(decimals(mean), decimals(half_width)) - compact)
    if max(abs(mean), half_width) < 0.5 * 10**-places:  # nothing would be left
        return f"{number(mean, signed=signed)} ±{number(half_width)}"
    text = f"{mean:{'+' if signed else ''}.{places}f} ±{half_width:.{places}f}"
    return text.replace(" ", "") if compact else text


def decimals(value: float) -> int:
    """Decimals worth writing for a value of this size."""
    return 3 if abs(value) < 10 else 1 if abs(value) < 1000 else 0


def interval_text(low: float, high: float, n: int) -> str:
    """Write an interval of differences over n seeds; without one say why there is none."""
    if not math.isfinite(low):
        return "one seed" if n == 1 else "no spread"
    places = decimals(max(abs(low), abs(high)))
    while f"{low:.{places}f}" == f"{high:.{places}f}" and places < 9:
        places += 1  # a narrow interval far from zero keeps its width
    if places > decimals(max(abs(low), abs(high))):
        return f"[{low:+.{places}f}, {high:+.{places}f}]"
    return f"[{number(low, signed=True)}, {number(high, signed=True)}]"


def p_text(value: float) -> str:
    """Write a probability, or "-" when there is none."""
    if not math.isfinite(value):
        return "-"
    return "<.001" if value < 0.001 else f"{value:.3f}"
