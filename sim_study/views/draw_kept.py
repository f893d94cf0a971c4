"""The view `kept`: accuracy against the number of dimensions kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from matplotlib.figure import Figure

from sim_study.metrics.measures.dimensions_kept import Kept, kept
from sim_study.naming.result_keys import layer_title
from sim_study.views.scene import Scene, View
from sim_study.views.style import NULL_COLOUR, Drawn, grid_of_panels, legend_below, style
from sim_study.views.tables import write_table

CAPTION = (
    "Test accuracy of the probe when only its k heaviest dimensions may speak and the others are "
    "held at their mean (not fitted again). Above each panel: how many dimensions keep 90 % "
    "of the accuracy above chance (read from the best non-decreasing curve, so that a lucky or "
    "unlucky number does not count), and how many that takes in a random order, on average; at "
    "chance: all dimensions are right no more often than luck allows in 95 % of cases. A large gap "
    "between the two lines means that few dimensions do the work."
)

OWN, AT_RANDOM = "#0072B2", "#D55E00"


def kept_curves(scene: Scene) -> Iterator[Drawn]:
    """Draw every target's curves, a panel a layer; both counts are metrics, the curves a table."""
    for target, probes in scene.probes.items():
        found, rows = {}, []
        for layer, one in probes.items():
            curves = kept(
                one.standard_weight,
                one.standard_bias,
                one.codes,
                one.labels,
                one.chance,
                scene.config.random_orders,
                scene.seed,
            )
            found[layer] = curves
            for name, value in curves.values.items():
                scene.metrics[f"{name}/{target}/{layer}"] = value
            random = curves.random.mean(axis=0)
            rows += [
                (layer, number + 1, accuracy, random[number])
                for number, accuracy in enumerate(curves.accuracy)
            ]
        columns = ("layer", "dimensions", "accuracy", "accuracy_random_order")
        write_table(scene.folder / "kept" / f"{target}.csv", columns, rows)
        title = f"How many dimensions keep the {target}"
        yield Drawn(target, title, CAPTION, draw_kept(found, target))


VIEW = View("How few dimensions are enough", kept_curves)


@style
def draw_kept(found: Mapping[str, Kept], target: str) -> Figure:
    """Draw the curves by layer, a panel each, of probes that read out `target`."""
    figure = grid_of_panels(1, len(found), width=2.6, height=2.2)
    axes = figure.subplots(1, len(found), squeeze=False, sharey=True)[0]
    for panel, (layer, one) in zip(axes, found.items(), strict=True):
        numbers = np.arange(1, len(one.accuracy) + 1)
        low, high = np.quantile(one.random, [0.05, 0.95], axis=0)
        panel.fill_between(numbers, low, high, color=AT_RANDOM, alpha=0.18, linewidth=0)
        panel.plot(
            numbers,
            one.random.mean(axis=0),
            color=AT_RANDOM,
            linestyle="--",
            label="random order (mean, 5 to 95 %)",
        )
        panel.plot(numbers, one.accuracy, color=OWN, label="heaviest weights first")
        panel.axhline(one.chance, color=NULL_COLOUR, linestyle=":", label="chance")
        if one.reads:
            panel.axhline(
                one.goal, color="#444444", linewidth=0.8, label="90 % of what is above chance"
            )
            panel.axvline(one.needed, color=OWN, linewidth=0.8, linestyle=":")
        panel.set_xscale("log", base=2)
        ticks = [2**power for power in range(int(np.log2(len(numbers))) + 1)]
        panel.set_xticks(ticks, [str(tick) for tick in ticks])
        panel.minorticks_off()
        panel.set_xlabel("dimensions kept")
        counts = f"{one.needed} of {len(numbers)} keep 90 %, at random {one.needed_at_random:.0f}"
        panel.set_title(f"{layer_title(layer)}\n{counts if one.reads else 'at chance'}")
    axes[0].set_ylabel(f"accuracy, {target} (fraction)")
    legend_below(figure, list(axes), columns=2 if len(found) < 3 else 4)
    return figure
