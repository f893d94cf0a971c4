"""Which quantities are compared, in which family, and how they are written."""

from __future__ import annotations

import math
from textwrap import wrap
from typing import Literal

from sim_study.metrics.catalogue import CATALOGUE

Family = Literal["accuracy", "entanglement", "rate", "reconstruction"]

FAMILIES: dict[Family, tuple[str, ...]] = {
    "accuracy": ("probe_accuracy", "probe_interpretability", "dci_informativeness"),
    "entanglement": (
        "mig",
        "dci_disentanglement",
        "dci_completeness",
        "hoyer",
        "gini",
        "effective_dimensions",
        "top_k_accuracy",
    ),
    "rate": ("kl_nats", "active_units"),
    "reconstruction": ("decoder_mse", "decoder_loss"),
}
"""Holm's adjustment holds within a family: its quantities answer one question together.

InfoNCE losses are in none: they are not comparable between arms or module counts.
"""

QUANTITIES: tuple[str, ...] = tuple(name for names in FAMILIES.values() for name in names)
"""Every compared quantity, in the order of tables and figures."""


def family_of(quantity: str) -> Family | None:
    """The family a quantity belongs to; None for one that is not compared."""
    return next((family for family, names in FAMILIES.items() if quantity in names), None)


def title_of(quantity: str, target: str = "") -> str:
    """A quantity's name for people with target and unit, such as "MIG, vowel (fraction)"."""
    name = short_title(quantity) + (f", {target}" if target else "")
    unit = CATALOGUE[quantity].unit if quantity in CATALOGUE else ""
    return f"{name} ({unit})" if unit else name


def short_title(quantity: str) -> str:
    """A quantity's name for people, without target or unit."""
    return CATALOGUE[quantity].title if quantity in CATALOGUE else quantity.replace("_", " ")


def number(value: float, *, signed: bool = False) -> str:
    """Write a value with about three significant digits, or "-" when there is none."""
    if not math.isfinite(value):
        return "-"
    sign = "+" if signed else ""
    text = f"{value:{sign}.{decimals(value)}f}"
    return f"{value:{sign}.0e}" if value and float(text) == 0 else text


def estimate(mean: float, half_width: float, *, signed: bool = False, compact: bool = False) -> str:
    """Write a mean and the half width of its interval with equally many decimals.

    Args:
        mean: In any unit.
        half_width: In the same unit; NaN or infinite: left out.
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


def axis_title(quantity: str, target: str = "") -> str:
    """A quantity's name in short lines, for a narrow axis; target and unit below it."""
    lines = wrap(short_title(quantity), 18)
    unit = f"({unit_of(quantity)})" if unit_of(quantity) else ""
    below = " ".join(part for part in (target, unit) if part)
    return "\n".join([*lines, below] if below else lines)


def unit_of(quantity: str) -> str:
    """A quantity's unit; empty when it has none or nobody said."""
    return CATALOGUE[quantity].unit if quantity in CATALOGUE else ""


def interval_text(low: float, high: float) -> str:
    """Write an interval of differences; one without spread says so."""
    if not math.isfinite(low):
        return "no spread"
    return f"[{number(low, signed=True)}, {number(high, signed=True)}]"


def p_text(value: float) -> str:
    """Write a probability, or "-" when there is none."""
    if not math.isfinite(value):
        return "-"
    return "<.001" if value < 0.001 else f"{value:.3f}"
