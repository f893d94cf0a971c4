"""A t-SNE map, coloured by one factor after another."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from sim_study.views.class_marks import Mark
from sim_study.views.draw_points import draw_points, level_marks
from sim_study.views.style import grid_of_panels, style


@style
def draw_embedding(
    places: np.ndarray,
    labels: Mapping[str, np.ndarray],
    marks: Mapping[str, Mapping[int, Mark]],
) -> Figure:
    """Draw the map, a panel a factor.

    Args:
        places: (sample, 2).
        labels: By factor: (sample,) int64.
        marks: By factor: colours and markers of the classes told apart.
    """
    figure = grid_of_panels(1, len(labels), width=3.4, height=3.4)
    axes = figure.subplots(1, len(labels), squeeze=False)[0]
    for panel, (factor, of_factor) in zip(axes, labels.items(), strict=True):
        draw_points(panel, places, of_factor, marks[factor])
        panel.grid(visible=False)
        panel.set_xticks([])
        panel.set_yticks([])
        panel.spines[:].set_visible(False)
        panel.set_title(factor)
        level_marks(
            panel.legend(loc="upper center", bbox_to_anchor=(0.5, -0.01), ncols=5, fontsize=7.5)
        )
    return figure
