"""The view `weights`: what every probe weighs, and the dimensions that carry each label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from sim_study.metrics.label_weights import by_label_carried, carriers, contrasts, shares, stretched
from sim_study.naming.result_keys import layer_title
from sim_study.views.heatmaps import heatmap
from sim_study.views.scene import Scene, View
from sim_study.views.shown_probe import ShownProbe
from sim_study.views.style import Drawn, style
from sim_study.views.tables import write_table, write_weights

WEIGHTS = (
    "Weights of the probe without bias on the sampled code, each label's stretched so that its "
    "smallest is -1 and its largest 1, as in the paper: white need not mean no weight, and unless "
    "codes were standardised, a strong cell may be a dimension that hardly varies (the picture of "
    "the dimensions that carry each label counts that). Below: the number of the dimension. A "
    "concentrated code has few strong cells a row. Where the probe is at chance, nothing is told."
)
CARRIERS = (
    "A row a label: the numbers of its five strongest dimensions; the darker, the larger the "
    "dimension's share in what tells this label from the others (squared weight on the "
    "standardised code, relative to the mean over labels). One dark cell: the label sits on one "
    "dimension; all pale: it is spread out. Full rankings are in the CSV files."
)

RANKS = 5
LABELS = 60
"""So many rows can be read; with more labels, the first are drawn."""
DARK = 0.35
"""From this share on, writing in a cell is white."""


def weights(scene: Scene) -> Iterator[Drawn]:
    """Draw every probe's weights, then the dimensions that carry each label of a target."""
    folder = scene.folder / "weights"
    for target, probes in scene.probes.items():
        classes, carried = scene.trial.classes(target), {}
        for layer, one in probes.items():
            rescaled = stretched(one.weight)  # (label, dim)
            carried[layer] = shares(one.standard_weight)
            write_weights(folder / f"{target}_{layer}", rescaled.T, classes)
            _write_carriers(folder / f"{target}_{layer}_carriers.csv", one, carried[layer])
            title = f"{target}, {layer_title(layer)}"
            right = f"{one.accuracy:.0%} of {len(one.labels)} right, chance {one.chance:.0%}"
            order, above = by_label_carried(carried[layer]), f"{title}: {right}"
            figure = heatmap(rescaled, order, classes, above, "weight, rescaled")
            yield Drawn(f"{target}_{layer}", f"Probe weights, {title}", WEIGHTS, figure)
        panels = {
            f"{layer_title(layer)}\n{one.accuracy:.0%} right, chance {one.chance:.0%}": of_layer
            for (layer, one), of_layer in zip(probes.items(), carried.values(), strict=True)
        }
        first = f" The first {LABELS} of {len(classes)} labels." if len(classes) > LABELS else ""
        heading, figure = (
            f"Dimensions that carry each {target}",
            draw_carriers(panels, target, classes),
        )
        yield Drawn(f"{target}_carriers", heading, CARRIERS + first, figure)


VIEW = View("Which dimensions carry a label", weights)


def _write_carriers(path: Path, one: ShownProbe, carried: np.ndarray) -> None:
    relative = contrasts(one.standard_weight)
    rows = [
        (one.classes[label], rank + 1, int(dimension), relative[label, dimension], share)
        for label, ranked in enumerate(carriers(carried))
        for rank, dimension in enumerate(ranked)
        for share in [carried[label, dimension]]
    ]
    write_table(path, ("label", "rank", "dimension", "weight", "share"), rows)


@style
def draw_carriers(carried: Mapping[str, np.ndarray], target: str, classes: Sequence[str]) -> Figure:
    """Draw each label's strongest dimensions, a panel a layer.

    Args:
        carried: By title of a panel: (label, dim), see `label_weights.shares`.
        target: What the probes read out, for the axis.
        classes: Names of the labels.
    """
    classes = classes[:LABELS]
    labels = len(classes)
    small = labels > 12
    figure = Figure(
        figsize=(2.7 * len(carried) + 1.3, max(2.4, 1.3 + min(0.26, 9 / labels) * labels)),
        layout="constrained",
    )
    axes = figure.subplots(1, len(carried), squeeze=False)[0]
    for position, (title, of_layer) in enumerate(carried.items()):
        panel = axes[position]
        panel.grid(visible=False)
        best = carriers(of_layer)[:labels, :RANKS]  # (label, rank)
        share = np.take_along_axis(of_layer[:labels], best, axis=1)
        # the root lets the small shares of a wide code be told apart
        image = panel.imshow(share, aspect="auto", cmap="Blues", norm=PowerNorm(0.5, 0, 1))
        for (label, rank), dimension in np.ndenumerate(best):
            panel.text(
                rank,
                label,
                str(dimension),
                ha="center",
                va="center",
                fontsize=6 if small else 8,
                color="white" if share[label, rank] > DARK else "#222222",
            )
        panel.set_xticks(range(best.shape[1]), [str(rank + 1) for rank in range(best.shape[1])])
        panel.set_xlabel("rank of the dimension")
        panel.set_title(title)
        panel.set_yticks(range(labels) if position == 0 else [], classes if position == 0 else [])
        panel.tick_params(axis="y", labelsize=6.5 if small else 8.5)
    axes[0].set_ylabel(target)
    bar = figure.colorbar(image, ax=list(axes), aspect=30)
    bar.set_label("share (fraction)")
    bar.outline.set_visible(False)
    return figure
