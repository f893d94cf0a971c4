"""The dimensions that carry each label, strongest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from sim_study.metrics.label_weights import carriers
from sim_study.views.style import style

RANKS = 5
LABELS = 60
"""So many rows can be read; with more labels, the first are drawn."""
DARK = 0.35
"""From this share on, writing in a cell is white."""


@style
def draw_carriers(shares: Mapping[str, np.ndarray], target: str, classes: Sequence[str]) -> Figure:
    """Draw each label's strongest dimensions, a panel a layer.

    Args:
        shares: By title of a panel: (label, dim), see `label_weights.shares`.
        target: What the probes read out, for the axis.
        classes: Names of the labels.
    """
    classes = classes[:LABELS]
    labels = len(classes)
    small = labels > 12
    figure = Figure(
        figsize=(2.7 * len(shares) + 1.3, max(2.4, 1.3 + min(0.26, 9 / labels) * labels)),
        layout="constrained",
    )
    axes = figure.subplots(1, len(shares), squeeze=False)[0]
    image = None
    for position, (title, of_layer) in enumerate(shares.items()):
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
    if image is not None:
        bar = figure.colorbar(image, ax=list(axes), aspect=30)
        bar.set_label("share (fraction)")
        bar.outline.set_visible(False)
    return figure
