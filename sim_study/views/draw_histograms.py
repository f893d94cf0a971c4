"""The view `histograms`: how latents are distributed, beside the prior N(0, 1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim_study.ledger.feature_file import MEANS, SAMPLED, FeatureFile
from sim_study.naming.result_keys import layer_title
from sim_study.views.scene import Scene, View
from sim_study.views.style import Drawn, grid_of_panels, legend_below, style
from sim_study.views.tables import write_table

CAPTION = (
    "Values of single frames of the test part, as densities; dashed: N(0, 1), the prior that SIM "
    "is drawn to (no other method is, and never the context). First all dimensions together, then "
    "those of largest variance. In each panel: mean ± standard deviation, in the colour of the "
    "code. Mean codes much narrower than the sampled ones: the dimension holds little more than "
    "noise. A spike: many frames alike, such as those of the silence around a padded syllable."
)

BINS = 61
LEAST_REACH = 4.0
"""Histograms reach at least so far to both sides, so that N(0, 1) is whole."""
INSIDE = 0.999
"""Fraction of the values that lie inside a histogram's reach."""
COLUMNS = 4
COLOURS = {"mean code": "#0072B2", "sampled code": "#D55E00"}


def histograms(scene: Scene) -> Iterator[Drawn]:
    """Draw every layer's dimensions of largest variance; write all dimensions' moments."""
    rows = []
    for layer in scene.layers:
        codes = _frame_codes(scene.trial.features, layer)
        for kind, of_kind in codes.items():
            moments = moments_beside_prior(of_kind)
            rows += [(layer, kind, number, *line) for number, line in enumerate(moments)]
        broadest = widest(next(iter(codes.values())), scene.config.histogram_dimensions)
        title = f"Latents beside N(0, 1), {layer_title(layer)}"
        yield Drawn(layer, title, CAPTION, draw_histograms(codes, broadest))
    columns = ("layer", "code", "dimension", "mean", "deviation", "kl_from_n01_nats")
    write_table(scene.folder / "histograms" / "moments.csv", columns, rows)


VIEW = View("Latents beside the prior", histograms)


def _frame_codes(features: FeatureFile, layer: str) -> dict[str, np.ndarray]:
    """By kind of code; a method that does not sample has one."""
    means, sampled = (
        features.codes("frames", protocol, "test", layer) for protocol in (MEANS, SAMPLED)
    )
    if np.array_equal(means, sampled):
        return {"latents": means}
    return {"mean code": means, "sampled code": sampled}


class Histogram(NamedTuple):
    """Values of one dimension, or of all, as a density.

    Args:
        edges: (bin + 1,).
        density: (bin,); values beyond the edges count in the total, so that it is comparable.
        mean, deviation: Of all values.
    """

    edges: np.ndarray
    density: np.ndarray
    mean: float
    deviation: float


def reach(*codes: np.ndarray) -> float:
    """Return how far histograms of codes, each (frame, dim), should reach to both sides."""
    return max([LEAST_REACH, *(float(np.quantile(np.abs(one), INSIDE)) for one in codes)])


def histogram(values: np.ndarray, far: float) -> Histogram:
    """Count values, of any shape, between -far and far."""
    values = values.astype(np.float64).ravel()
    counts, edges = np.histogram(values, BINS, (-far, far))
    density = counts / (len(values) * np.diff(edges))
    return Histogram(edges, density, float(values.mean()), float(values.std()))


def widest(codes: np.ndarray, count: int) -> np.ndarray:
    """Return the `count` dimensions of codes (frame, dim) of largest variance, largest first."""
    return np.argsort(-codes.var(axis=0, dtype=np.float64), kind="stable")[:count]


def moments_beside_prior(codes: np.ndarray) -> np.ndarray:
    """Return mean, deviation and distance from N(0, 1) of every dimension.

    The distance is the KL divergence of the normal distribution of the same mean and deviation:
    (mean^2 + deviation^2 - 1) / 2 - ln deviation, in nats, inf for a constant dimension. It is
    about the latents of all frames together, not about a single frame's posterior.

    Args:
        codes: (frame, dim).

    Returns:
        (dim, 3).
    """
    mean = codes.mean(axis=0, dtype=np.float64)
    deviation = codes.std(axis=0, dtype=np.float64)
    with np.errstate(divide="ignore"):
        kl_nats = (mean**2 + deviation**2 - 1) / 2 - np.log(deviation)
    return np.stack([mean, deviation, kl_nats], axis=1)


@style
def draw_histograms(codes: Mapping[str, np.ndarray], dimensions: np.ndarray) -> Figure:
    """Draw all dimensions together, then some by themselves.

    Args:
        codes: By kind of code: (frame, dim).
        dimensions: (panel,) those with a panel of their own.
    """
    far = reach(*codes.values())
    count = len(dimensions) + 1
    rows, columns = -(-count // COLUMNS), min(COLUMNS, count)
    figure = grid_of_panels(rows, columns, width=2.2, height=1.6)
    axes = figure.subplots(rows, columns, squeeze=False)
    for panel in axes.flat[count:]:
        panel.set_axis_off()
    titles = ["all dimensions", *(f"dimension {one}" for one in dimensions)]
    for position, (panel, title) in enumerate(zip(axes.flat, titles, strict=False)):
        found = {
            kind: histogram(of_kind[:, dimensions[position - 1]] if position else of_kind, far)
            for kind, of_kind in codes.items()
        }
        _panel(panel, found, far)
        panel.set_title(title, fontweight="bold" if position == 0 else "normal")
    for panel in axes.flat[max(0, count - columns) : count]:  # the lowest of every column
        panel.set_xlabel("latent value")
    for line in axes:
        line[0].set_ylabel("density")
    legend_below(figure, list(axes.flat))
    return figure


def _panel(panel: Axes, found: Mapping[str, Histogram], far: float) -> None:
    for line, (kind, one) in enumerate(found.items()):
        colour = COLOURS.get(kind, "#0072B2")
        panel.stairs(one.density, one.edges, fill=True, color=colour, alpha=0.35)
        panel.stairs(one.density, one.edges, color=colour, linewidth=0.8, label=kind)
        panel.text(
            0.98,
            0.95 - 0.11 * line,
            f"{one.mean:.2g} ± {one.deviation:.2g}",
            transform=panel.transAxes,
            ha="right",
            va="top",
            fontsize=6.5,
            color=colour,
        )
    panel.set_xlim(-far, far)
    x = np.linspace(-far, far, 400)
    prior = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    panel.plot(x, prior, color="black", linewidth=1.0, linestyle="--", label="N(0, 1)")
