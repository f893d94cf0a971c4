"""Which colour an arm has in every figure."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.colors import to_hex, to_rgb

from analysis.configurations import UNTRAINED, Configuration

METHOD_COLOURS = {"gim": "#0072B2", "sim": "#D55E00", UNTRAINED: "#6B6B6B"}
"""Okabe and Ito's palette (2008): blue and vermilion are told apart by everyone."""

SPARE_COLOURS = ("#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""For further arms, in order of appearance."""


def arm_colours(configurations: Sequence[Configuration]) -> dict[str, str]:
    """Colour of every arm: its method's, unless an earlier arm has it already."""
    colours: dict[str, str] = {}
    spare = iter(SPARE_COLOURS * (1 + len(configurations)))
    for one in configurations:
        if one.arm not in colours:
            wanted = METHOD_COLOURS.get(one.method)
            colours[one.arm] = next(spare) if wanted in {None, *colours.values()} else str(wanted)
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
