"""A contribution score as metrics, as a table and as a curve."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim_study.downstream.decoders.contribution import Contribution
from sim_study.ledger.files import csv_text, write_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEVELS = {"contribution_half": 0.5, "contribution_tenth": 0.1}
"""Scores whose share of dimensions is reported, by the name of that metric."""


def contribution_metrics(found: Contribution, loss: str, layer: str) -> dict[str, float]:
    """Return the score of every count below all dimensions, and the shares that reach a level.

    Args:
        found: The score.
        loss: That the decoder was trained on.
        layer: Whose latents were mixed.

    Returns:
        `contribution/<loss>/top_<K>/<layer>`, `contribution_max/<loss>/<layer>` and the keys of
        `LEVELS`; where all clips decode to the same sound there is no score, only
        `contribution_max`, which then is 0 or rounding.
    """
    metrics = {f"contribution_max/{loss}/{layer}": found.largest}
    if found.is_defined:
        for count, score in zip(found.dimensions[:-1], found.score[:-1], strict=True):
            metrics[f"contribution/{loss}/top_{count}/{layer}"] = float(score)
        for name, level in LEVELS.items():
            metrics[f"{name}/{loss}/{layer}"] = found.share_below(level)
    return metrics


def write_contribution(folder: Path, found: Contribution, title: str) -> None:
    """Write `contribution.csv` and `contribution.png` into a folder `contribution`.

    Args:
        folder: Gets the folder; nothing is written where all clips decode to the same sound.
        found: The score.
        title: Above the picture.
    """
    if not found.is_defined:
        return
    own = folder / "contribution"
    rows: list[tuple[object, ...]] = [
        ("dimensions", "score", "standard_error", "mse", "pairs", "all_pairs")
    ]
    counted = zip(found.dimensions, found.score, found.score_error, found.mse, strict=True)
    for count, *values in [(0, 1.0, 0.0, found.largest), *counted]:
        numbers = (f"{value:.9g}" for value in values)
        rows.append((int(count), *numbers, found.pairs, found.all_pairs))
    write_text(own / "contribution.csv", csv_text(rows))
    contribution_figure(found, title).savefig(own / "contribution.png", dpi=110)


def contribution_figure(found: Contribution, title: str) -> Figure:
    """Draw the score against the number of replaced dimensions, with twice its standard error."""
    from matplotlib.figure import Figure  # not before there is something to draw

    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.errorbar(
        found.dimensions, found.score, yerr=2 * found.score_error, marker="o", capsize=3, color="C0"
    )
    axes.axhline(1, color="0.7", linewidth=0.8, linestyle=":")
    axes.set_xscale("log", base=2)
    axes.set_xticks(found.dimensions, [str(count) for count in found.dimensions])
    axes.set(
        ylim=(0, max(1.05, 1.05 * float(found.score.max()))),
        xlabel="dimensions taken from the other clip, most differing first",
        ylabel="error left (1: as far apart as the two clips)",
    )
    bars = "" if found.pairs == found.all_pairs else "; bars: 2 standard errors"
    axes.set_title(f"{title}\n{found.pairs:,} of {found.all_pairs:,} pairs{bars}", fontsize=9)
    return figure
