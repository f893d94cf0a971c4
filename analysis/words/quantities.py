"""Which quantities are printed and explained, in which order, and what they are called."""

from __future__ import annotations

from textwrap import wrap
from typing import get_args

from sim_study.metrics.catalogue import CATALOGUE, COMPARED
from sim_study.naming.quantity import Block
from sim_study.naming.targets import TARGETS

EXPLAINED = (*COMPARED, *(name for name, one in CATALOGUE.items() if one.family == "described"))
"""Quantities that a report explains: also those that describe a code and are not compared."""


def printed(block: Block) -> tuple[tuple[str, str], ...]:
    """Quantities and targets of a block of printed tables, target by target, without one last."""
    found = [
        (name, target)
        for name, one in CATALOGUE.items()
        if one.headline is not None and one.headline.block == block
        for target in one.headline.targets
    ]
    order: dict[str, int] = {target: place for place, target in enumerate(TARGETS)}
    return tuple(sorted(found, key=lambda pair: order.get(pair[1], len(order))))


READOUTS = printed("probe accuracy")
"""Accuracies of both protocols, by target."""

HEADLINES = tuple(pair for block in get_args(Block) for pair in printed(block))
"""Quantities and targets that get a printed table; report, CSV and Parquet hold all."""

CODES = (
    "mean code: the latents' means; sampled code: one sample of them, which is what SIM hands on "
    "(other latents have no spread). Concentration of probe weights (Hoyer, Gini, ...) reads the "
    "sampled code, as does what says so; online accuracy, active units and all else read means"
)
"""Which of a latent's two faces a quantity looks at."""

ABOVE_NULL = "above its own permuted-label null"
"""How entanglement is compared: two codes that hold nothing have different nulls."""


def title_of(quantity: str, target: str = "", *, above_null: bool = False) -> str:
    """A quantity's name for people with target and unit, such as "MIG, vowel (fraction)"."""
    name = short_title(quantity) + (f", {target}" if target else "")
    name += f", {ABOVE_NULL}" if above_null else ""
    return f"{name} ({unit})" if (unit := unit_of(quantity)) else name


def short_title(quantity: str) -> str:
    """A quantity's name for people, without target or unit."""
    return CATALOGUE[quantity].title if quantity in CATALOGUE else quantity.replace("_", " ")


def axis_title(quantity: str, target: str = "") -> str:
    """A quantity's name in short lines, for a narrow axis; target and unit below it."""
    unit = f"({unit_of(quantity)})" if unit_of(quantity) else ""
    return "\n".join([*wrap(short_title(quantity), 18), f"{target} {unit}".strip()]).rstrip()


def unit_of(quantity: str) -> str:
    """A quantity's unit; empty when it has none or nobody said."""
    return CATALOGUE[quantity].unit if quantity in CATALOGUE else ""
