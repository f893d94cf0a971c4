"""Figures drawn side by side, in as many processes as there are cores."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import matplotlib.backends.backend_agg  # noqa: F401  # here, or every process would load it
from matplotlib.figure import Figure

from sim_study.views.style import Drawn

FORKS = sys.platform == "linux"
"""Elsewhere a process that has used its graphics or its threads may not fork."""


@dataclass(frozen=True)
class Drawing:
    """A figure that can be drawn.

    Args:
        name: File name without ending.
        title: What it shows, in a few words.
        caption: How to read it.
        draw: Draws it; None when the study has nothing to show there.
    """

    name: str
    title: str
    caption: str
    draw: Callable[[], Figure | None]


class Picture(NamedTuple):
    """A figure that has been drawn and saved.

    Args:
        title, caption: As of the drawing.
        width_inches: Width of the figure, without what was cut off around it.
        file: The PNG.
    """

    title: str
    caption: str
    width_inches: float
    file: Path


@contextmanager
def being_drawn(
    drawings: Sequence[Drawing], folder: Path, processes: int | None = None
) -> Iterator[Callable[[], list[Picture]]]:
    """Draw in the background, while the caller goes on.

    A figure takes a second of a core, most of it layout; none depends on another.

    Args:
        drawings: What to draw.
        folder: Where the PNGs go; a figure of an earlier comparison does not linger there.
        processes: How many draw; None: one a core.

    Yields:
        A function that waits for the pictures and returns them, in the order of the drawings.
    """
    shutil.rmtree(folder, ignore_errors=True)
    count = min(processes or os.cpu_count() or 1, len(drawings)) if FORKS else 1
    if count <= 1:
        yield lambda: [picture for one in drawings if (picture := _picture(one, folder))]
        return
    # A forked process has the drawings already: tables need not travel, functions could not. What
    # it has is never thrown away there, and need not be gone over to find what is.
    gc.freeze()
    try:
        with ProcessPoolExecutor(
            count, get_context("fork"), initializer=_inherit, initargs=(drawings, folder)
        ) as pool:
            waiting = [pool.submit(_draw, index) for index in range(len(drawings))]
            yield lambda: [picture for one in waiting if (picture := one.result())]
    finally:
        gc.unfreeze()


_inherited: tuple[Sequence[Drawing], Path] = ((), Path())


def _inherit(drawings: Sequence[Drawing], folder: Path) -> None:
    global _inherited
    _inherited = (drawings, folder)


def _draw(index: int) -> Picture | None:
    drawings, folder = _inherited
    return _picture(drawings[index], folder)


def _picture(drawing: Drawing, folder: Path) -> Picture | None:
    figure = drawing.draw()
    if figure is None:
        return None
    file = Drawn(drawing.name, drawing.title, drawing.caption, figure).save(folder)
    return Picture(drawing.title, drawing.caption, float(figure.get_figwidth()), file)
