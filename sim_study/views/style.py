"""One look for every figure, in colours that survive colour blindness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend

DOTS_PER_INCH = 150

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


def grid_of_panels(rows: int, columns: int, width: float = 2.3, height: float = 1.9) -> Figure:
    """A figure with equally large panels; width and height of one panel in inches."""
    return Figure(figsize=(width * columns + 0.9, height * rows + 0.9), layout="constrained")


def legend_below(figure: Figure, axes: Sequence[Axes], columns: int = 4) -> Legend | None:
    """Put one legend for all panels below them, each label once; None without labels."""
    entries: dict[str, Any] = {}
    for axis in axes:
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    if not entries:
        return None
    return figure.legend(
        list(entries.values()),
        list(entries),
        loc="outside lower center",
        ncols=min(columns, len(entries)),
    )
