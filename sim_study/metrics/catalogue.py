"""Every quantity that results hold, for axes, columns and footnotes.

Nothing is defined here: each quantity stands with whoever reports it, in its metric's file or its
room's `quantities.py`, and says there in which tables it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import inf
from typing import get_args

from sim_study.downstream import quantities as downstream
from sim_study.metrics.registry import METRICS, OF_SEVERAL, PROBE_METRICS
from sim_study.naming.quantity import Chance, Family, Quantity
from sim_study.train import quantities as train


def gather(sources: Iterable[Mapping[str, Quantity]]) -> dict[str, Quantity]:
    """Return all quantities of all sources, in their order.

    Raises:
        ValueError: When two sources have a quantity of the same name.
    """
    found: dict[str, Quantity] = {}
    for one in sources:
        if twice := sorted(found.keys() & one.keys()):
            raise ValueError(f"several report {', '.join(twice)}: a quantity has one meaning")
        found |= one
    return found


def alignment_of(quantity: Quantity) -> Quantity:
    """What `<quantity>_alignment` means, of one that claims that axes go with factors."""
    return Quantity(
        f"{quantity.title}, alignment",
        "",
        f"Where {quantity.title} lies between random rotations of the code (0) and a code that "
        "tells as much, each factor on axes of its own (1); missing where there is nothing between "
        "these, or the code does not tell the factor.",
        better="higher",
        low=-inf,
        chance="none",
        family="entanglement",
        headline=quantity.headline if quantity.headline and quantity.headline.alignment else None,
        reads_probe_weights=quantity.reads_probe_weights,
    )


_METRICS = (METRICS | PROBE_METRICS | OF_SEVERAL).values()
_OF_METRICS = [one.quantities for one in _METRICS]
_ALIGNMENTS = {
    f"{name}_alignment": alignment_of(one)
    for quantities in _OF_METRICS
    for name, one in quantities.items()
    if one.aligned
}
CATALOGUE: dict[str, Quantity] = gather(
    [train.QUANTITIES, downstream.QUANTITIES, *_OF_METRICS, _ALIGNMENTS]
)
"""Quantities by the first part of a result key."""

FAMILIES: dict[Family, tuple[str, ...]] = {
    family: tuple(name for name, one in CATALOGUE.items() if one.family == family)
    for family in get_args(Family)
}
"""Compared quantities by family, as each says of itself."""

COMPARED: tuple[str, ...] = tuple(name for names in FAMILIES.values() for name in names)
"""Every compared quantity, in the order of tables and figures."""

_DRAWS: dict[Chance, tuple[str, str]] = {
    "permuted labels": ("label-permutation", "label permutations"),
    "independent dimensions": ("independent-dimensions", "orders of every dimension by itself"),
    "shuffled clips": ("shuffled-clips", "orders of every encoder's clips by themselves"),
    "none": ("no", "nothing"),
}
_ROTATIONS = {
    "_rotated_spread": ("{name}, spread over rotations", "Standard deviation over rotations."),
    "_rotated": ("{name}, rotated", "Mean over random rotations of the code."),
    "_ceiling": (
        "{name}, ceiling",
        "Mean over codes that tell as much, each factor on axes of its own.",
    ),
}
_NULLS = {
    "_null_p95": ("95th percentile of the null", "95th percentile over {draws}."),
    "_null": ("{name} null", "Mean over {draws}."),
}


def family_of(quantity: str) -> Family | None:
    """The family a quantity belongs to; None for one that is not compared."""
    family = CATALOGUE[quantity].family if quantity in CATALOGUE else None
    return None if family == "described" else family


def describe(key: str) -> Quantity:
    """Return the quantity behind a result key such as "mig_null/vowel/module_0".

    Raises:
        KeyError: When no quantity of that name is listed.
    """
    name = key.split("/", 1)[0]
    for suffix, (title, meaning) in _NULLS.items():
        base = CATALOGUE.get(name.removesuffix(suffix))
        if name.endswith(suffix) and base is not None:
            kind, draws = _DRAWS[base.chance]
            return replace(
                base,
                title=f"{base.title}, {title.format(name=kind)}",
                better="neither",
                meaning=f"{base.meaning} {meaning.format(draws=draws)}",
            )
    for suffix, (title, meaning) in _ROTATIONS.items():
        base = CATALOGUE.get(name.removesuffix(suffix))
        if name.endswith(suffix) and base is not None and base.aligned:
            return replace(
                base,
                title=title.format(name=base.title),
                better="neither",
                low=0 if suffix == "_rotated_spread" else base.low,
                meaning=f"{base.meaning} {meaning}",
            )
    return CATALOGUE[name]
