"""Which colour an arm has in every figure."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.colors import to_hex, to_rgb

from analysis.read.configurations import Configuration
from sim_study.config.method import METHODS, TRAITS

SPARE_COLOURS = ("#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""For arms whose method's colour is taken, in order of appearance."""


def arm_colours(configurations: Sequence[Configuration]) -> dict[str, str]:
    """Colour of every arm: its method's, unless an earlier arm has it already."""
    colours: dict[str, str] = {}
    for one in configurations:
        if one.arm not in colours:
            own = [TRAITS[one.method].colour] if one.method in METHODS else []
            taken = list(colours.values())
            colours[one.arm] = min((*own, *SPARE_COLOURS), key=taken.count)  # of equals, the first
    return colours


def configuration_colours(configurations: Sequence[Configuration]) -> dict[str, str]:
    """Colour of every configuration by label: shades of its arm's, light to dark by setting."""
    colours = {}
    for arm, base in arm_colours(configurations).items():
        mine = [one for one in configurations if one.arm == arm]
        mine.sort(
            key=lambda one: [(isinstance(v, str), v) for v in map(_plain, one.settings.values())]
        )
        for rank, one in enumerate(mine):
            position = rank / (len(mine) - 1) if len(mine) > 1 else 0.5
            colours[one.label] = _shade(base, position)
    return colours


def _plain(value: object) -> object:
    return value if isinstance(value, int | float) else str(value)


def _shade(colour: str, position: float) -> str:
    """Blend with white below 0.5 and with black above it."""
    target, amount = (1.0, 1 - 2 * position) if position < 0.5 else (0.0, 2 * position - 1)
    amount *= 0.55
    return str(to_hex([part * (1 - amount) + target * amount for part in to_rgb(colour)]))
