"""Which quantities are compared, in which family, and how they are written."""

from __future__ import annotations

import math
from textwrap import wrap
from typing import Literal

from sim_study.metrics.catalogue import CATALOGUE
from sim_study.naming.targets import TARGETS

Family = Literal["accuracy", "entanglement", "dependence", "rate", "reconstruction", "contribution"]

FAMILIES: dict[Family, tuple[str, ...]] = {
    "accuracy": (
        "probe_accuracy",
        "probe_interpretability",
        "balanced_accuracy",
        "dci_informativeness",
        "explicitness",
        "infoe",
    ),
    "entanglement": (
        "mig",
        "sap",
        "dci_disentanglement",
        "dci_completeness",
        "modularity",
        "infom",
        "infoc",
        "hoyer",
        "gini",
        "effective_dimensions",
        "top_k_accuracy",
        "dimensions_for_90",
    ),
    "dependence": ("total_correlation",),
    "rate": ("kl_nats", "kl_nats_mean_path", "active_units"),
    "reconstruction": ("decoder_mse", "decoder_loss"),
    "contribution": ("contribution_half", "contribution_tenth"),
}
"""Holm's adjustment holds within a family: its quantities answer one question together.

InfoNCE losses are in none: they are not comparable between arms or module counts.
"""

ROUNDING = 1e-12
"""Below this a difference of numbers around 1 is noise of arithmetic."""

QUANTITIES: tuple[str, ...] = tuple(name for names in FAMILIES.values() for name in names)
"""Every compared quantity, in the order of tables and figures."""

EXPLAINED = (*QUANTITIES, "told_dimensions", "active_dimensions", "burda_units", "udr")
"""Quantities that a report explains: also those that describe a code and are not compared."""

READOUTS: tuple[tuple[str, str], ...] = tuple(
    (quantity, target)
    for target in TARGETS
    for quantity in ("probe_accuracy", "probe_interpretability")
)
"""Accuracies of both protocols, by target."""

HEADLINES: tuple[tuple[str, str], ...] = (
    *READOUTS,
    ("balanced_accuracy", "phone"),
    ("mig", "mean"),
    ("sap", "mean"),
    ("dci_disentanglement", ""),
    ("modularity", ""),
    ("infom", ""),
    ("infoc", ""),
    *(("explicitness", target) for target in TARGETS),
    ("infoe", "mean"),
    ("total_correlation", ""),
    *(("hoyer", target) for target in TARGETS),
    ("kl_nats", ""),
    ("kl_nats_mean_path", ""),
    ("active_units", ""),
)
"""Quantities and targets that get a printed table; report, CSV and Parquet hold all."""

CODES = (
    "mean code: the latents' means; sampled code: one sample of them, which is what SIM hands on "
    "(other latents have no spread). Concentration of probe weights (Hoyer, Gini, ...) reads the "
    "sampled code; online accuracy, active units and all other entanglement metrics read means"
)
"""Which of a latent's two faces a quantity looks at."""

ABOVE_NULL = "above its own permuted-label null"
"""How entanglement is compared: two codes that hold nothing have different nulls."""


def family_of(quantity: str) -> Family | None:
    """The family a quantity belongs to; None for one that is not compared."""
    return next((family for family, names in FAMILIES.items() if quantity in names), None)


def title_of(quantity: str, target: str = "", *, above_null: bool = False) -> str:
    """A quantity's name for people with target and unit, such as "MIG, vowel (fraction)"."""
    name = short_title(quantity) + (f", {target}" if target else "")
    name += f", {ABOVE_NULL}" if above_null else ""
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


def axis_title(quantity: str, target: str = "") -> str:
    """A quantity's name in short lines, for a narrow axis; target and unit below it."""
    lines = wrap(short_title(quantity), 18)
    unit = f"({unit_of(quantity)})" if unit_of(quantity) else ""
    below = " ".join(part for part in (target, unit) if part)
    return "\n".join([*lines, below] if below else lines)


def unit_of(quantity: str) -> str:
    """A quantity's unit; empty when it has none or nobody said."""
    return CATALOGUE[quantity].unit if quantity in CATALOGUE else ""


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
