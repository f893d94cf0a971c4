"""All views of one probe trial, written into a folder."""

from __future__ import annotations

from pathlib import Path

from sim_study.config.views import ViewsConfig
from sim_study.views.gallery import Gallery
from sim_study.views.page import write_page
from sim_study.views.probed import Probed

PAGE = "index.html"


def write_views(
    folder: Path, probed: Probed, config: ViewsConfig, seed: int, title: str, note: str
) -> dict[str, float]:
    """Write pictures, tables and a page that shows and explains the pictures.

    Args:
        folder: Where they go.
        probed: The arrays of a probe trial.
        config: What is drawn.
        seed: Of everything that is drawn at random.
        title: The page's heading.
        note: Below it.

    Returns:
        Values by metric key.

    Raises:
        UserError: The probe trial did not read a wanted target.
    """
    gallery = Gallery(probed, config, seed, folder)
    shown = [(view, drawn, drawn.save(folder / view)) for view, drawn in gallery.draw()]
    note = f"{note} Tables (CSV, and NPY of weights) lie beside the pictures."
    write_page(folder / PAGE, title, note, shown)
    return gallery.metrics
