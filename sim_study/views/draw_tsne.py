"""The view `tsne`: the context laid out in the plane so that neighbours stay neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from matplotlib.figure import Figure

from sim_study.config.identity import seed_for
from sim_study.downstream.codes.frames import draw_rows
from sim_study.ledger.feature_file import MEANS
from sim_study.naming.targets import TARGETS
from sim_study.views.points import Mark, class_marks, draw_points, level_marks, rest_note
from sim_study.views.scene import Scene, View
from sim_study.views.style import Drawn, grid_of_panels, style

CAPTION = (
    "{points} test clips, each the mean of its context over frames (mean code), laid out by t-SNE "
    "(perplexity {perplexity:.3g}, started from two principal components, seeded). Neighbours are "
    "alike; distances between clumps, their sizes and the axes mean nothing. The same map in every "
    "panel, coloured by another factor."
)


def maps(scene: Scene) -> Iterator[Drawn]:
    """Draw one map, a panel for each target that clips have labels of, the finest first."""
    trial, config = scene.trial, scene.config
    known: list[str] = [target for target in TARGETS if trial.features.has_labels("clips", target)]
    known.sort(key=lambda target: -len(trial.classes(target)))
    if not known:
        return
    codes = trial.features.codes("clips", MEANS, "test", "context")
    if not np.ptp(codes, axis=0).any():
        return  # nothing to lay out: t-SNE would divide by 0, and end the process
    rows = draw_rows(len(codes), config.clips, seed_for(scene.seed, "views", "tsne"))
    perplexity = fitting_perplexity(config.tsne_perplexity, len(rows))
    places = tsne(codes[rows], perplexity, seed_for(scene.seed, "tsne"))
    shown = {one: trial.features.labels("clips", "test", one)[rows] for one in known}
    marks = {one: class_marks(trial.classes(one), labels) for one, labels in shown.items()}
    notes = (rest_note(trial.classes(one), marks[one]) for one in known)
    yield Drawn(
        "context",
        "t-SNE of the context",
        CAPTION.format(points=len(rows), perplexity=perplexity) + "".join(dict.fromkeys(notes)),
        draw_map(places, shown, marks),
    )


VIEW = View("The context as a map", maps)


def tsne(codes: np.ndarray, perplexity: float, seed: int) -> np.ndarray:
    """Lay codes out in the plane.

    Args:
        codes: (sample, dim), at least 4.
        perplexity: Neighbours a point has, in effect; see `fitting_perplexity`.
        seed: Of the optimisation; the start is the first two principal components.

    Returns:
        (sample, 2) float64, without units.

    Source:
        van der Maaten and Hinton 2008, "Visualizing data using t-SNE".
    """
    from sklearn.manifold import TSNE  # takes 0.5 s: only where it is used

    spread = codes.std() or 1.0  # an untrained code varies by 1e-5, below t-SNE's own tolerances
    model = TSNE(
        n_components=2,
        perplexity=perplexity,
        init="pca" if codes.shape[1] > 1 else "random",
        random_state=seed % 2**32,
    )
    return np.asarray(model.fit_transform((codes - codes.mean(axis=0)) / spread), np.float64)


def fitting_perplexity(wanted: float, points: int) -> float:
    """Return the wanted perplexity, or a third of the points where those are too few for it."""
    return min(wanted, (points - 1) / 3)


@style
def draw_map(
    places: np.ndarray, labels: Mapping[str, np.ndarray], marks: Mapping[str, Mapping[int, Mark]]
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
