"""Which phones are taken for which: counts, the accuracies that follow, and how both are shown.

A confusion matrix counts examples, (class that it is, class that the probe names) int64.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from sim_study.ledger.files import csv_text, write_text


def confusion(labels: np.ndarray, named: np.ndarray, classes: int) -> np.ndarray:
    """Count how often each class is given each name.

    Args:
        labels: (example,) int64.
        named: (example,) int64, what a probe says.
        classes: Number of classes.

    Returns:
        (class, class) int64; rows are labels.
    """
    pairs = labels * classes + named
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def overall_accuracy(counts: np.ndarray) -> float:
    """Return the fraction 0-1 of examples that are named rightly."""
    return float(np.trace(counts) / counts.sum())


def class_accuracies(counts: np.ndarray) -> np.ndarray:
    """Return each class' fraction 0-1 of examples named rightly, (class,); NaN without any."""
    examples = counts.sum(axis=1)
    rates = np.full(len(counts), np.nan)
    np.divide(np.diag(counts), examples, out=rates, where=examples > 0)
    return rates


def balanced_accuracy(counts: np.ndarray) -> float:
    """Return the mean over classes that occur of their accuracies, fraction 0-1."""
    return float(np.nanmean(class_accuracies(counts)))


def write_phone_files(
    folder: Path, confusions: Mapping[str, np.ndarray], phones: Sequence[str]
) -> None:
    """Write `phone_accuracy.csv`, and `confusion_<layer>.csv` and `.png` of every layer.

    Args:
        folder: Made if it is not there.
        confusions: By layer: (phone, named phone) int64 counts of test frames.
        phones: Names.
    """
    rates = {layer: class_accuracies(counts) for layer, counts in confusions.items()}
    frames = next(iter(confusions.values())).sum(axis=1)
    rows: list[Sequence[object]] = [["phone", "frames", *rates]]
    for index, phone in enumerate(phones):
        heard = ["" if np.isnan(rate[index]) else f"{rate[index]:.6f}" for rate in rates.values()]
        rows.append([phone, frames[index], *heard])
    write_text(folder / "phone_accuracy.csv", csv_text(rows))
    for layer, counts in confusions.items():
        table = [[phone, *row] for phone, row in zip(phones, counts.tolist(), strict=True)]
        write_text(folder / f"confusion_{layer}.csv", csv_text([["phone", *phones], *table]))
        draw_confusion(folder / f"confusion_{layer}.png", counts, phones, layer)


def draw_confusion(path: Path, counts: np.ndarray, phones: Sequence[str], layer: str) -> None:
    """Draw the fraction of each phone's frames that get each name, phones that occur only.

    Args:
        path: A PNG.
        counts: (phone, named phone) int64.
        phones: Names.
        layer: Whose probe it is.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.colors import PowerNorm
    from matplotlib.figure import Figure

    there = np.flatnonzero(counts.sum(axis=1) + counts.sum(axis=0)).tolist()
    shown = counts[np.ix_(there, there)]
    frames = shown.sum(axis=1, keepdims=True)
    fractions = shown / frames.clip(1)
    side = 2.2 + 0.21 * len(there)  # inches
    figure = Figure(figsize=(side + 0.9, side), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    # Most mistakes are a few per cent: equal steps of colour are equal steps of the square root.
    image = axes.imshow(fractions, cmap="magma", norm=PowerNorm(0.5, vmin=0, vmax=1))
    names = [phones[index] for index in there]
    axes.set_xticks(range(len(there)), names, rotation=90, fontsize=8)
    labels = [f"{name}  {count}" for name, count in zip(names, frames[:, 0], strict=True)]
    axes.set_yticks(range(len(there)), labels, fontsize=8)
    axes.set_xlabel("named by the probe")
    axes.set_ylabel("spoken, and its test frames")
    axes.set_title(f"Phones, {layer.replace('_', ' ')}: fraction of each one's frames")
    figure.colorbar(image, ax=axes, shrink=0.8, ticks=[0, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1])
    figure.savefig(path, dpi=120)
