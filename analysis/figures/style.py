"""One look for every figure: an arm keeps its colour, and colours survive colour blindness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from analysis.configurations import UNTRAINED, Configuration

DOTS_PER_INCH = 150

METHOD_COLOURS = {"gim": "#0072B2", "sim": "#D55E00", UNTRAINED: "#6B6B6B"}
"""Okabe and Ito's palette (2008): blue and vermilion are told apart by everyone."""

SPARE_COLOURS = ("#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""For further arms, in order of appearance."""

NULL_COLOUR = "#A0A0A0"

RC = {
    "font.size": 9.0,
    "axes.titlesize": 9.5,
    "axes.labelsize": 8.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#444444",
    "axes.linewidth": 0.8,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.7,
    "xtick.color": "#444444",
    "ytick.color": "#444444",
    "legend.frameon": False,
    "figure.dpi": DOTS_PER_INCH,
    "savefig.dpi": DOTS_PER_INCH,
}
style = rc_context(RC)
"""Decorator and context in which figures are made and saved."""


@dataclass(frozen=True)
class Drawn:
    """A finished figure.

    Args:
        name: File name without ending.
        title: What it shows, in a few words.
        caption: How to read it.
        figure: The drawing.
    """

    name: str
    title: str
    caption: str
    figure: Figure

    @style
    def save(self, folder: Path) -> Path:
        """Write a PNG of 150 dots per inch into `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.png"
        self.figure.savefig(path, bbox_inches="tight", facecolor="white")
        return path


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


def grid_of_panels(rows: int, columns: int, width: float = 2.3, height: float = 1.9) -> Figure:
    """A figure with equally large panels; width and height of one panel in inches."""
    return Figure(figsize=(width * columns + 0.9, height * rows + 0.9), layout="constrained")


def legend_below(figure: Figure, axes: Sequence[Axes], columns: int = 4) -> None:
    """Put one legend for all panels below them, each label once."""
    entries: dict[str, Any] = {}
    for axis in axes:
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    if entries:
        figure.legend(
            list(entries.values()),
            list(entries),
            loc="outside lower center",
            ncols=min(columns, len(entries)),
        )


def _plain(value: object) -> object:
    return value if isinstance(value, int | float) else str(value)


def _shade(colour: str, position: float) -> str:
    """Blend with white below 0.5 and with black above it."""
    target, amount = (1.0, 1 - 2 * position) if position < 0.5 else (0.0, 2 * position - 1)
    amount *= 0.55
    return str(to_hex([part * (1 - amount) + target * amount for part in to_rgb(colour)]))
