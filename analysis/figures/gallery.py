"""All figures of an answer, each with its caption."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analysis.answer import Answer
from analysis.comparison import Comparison
from analysis.configurations import UNTRAINED, Configuration, shown, untrained_of
from analysis.figures.against_setting import Values, draw_against_setting, numeric_settings
from analysis.figures.forest import draw_forest
from analysis.figures.learning_curves import draw_learning_curves
from analysis.figures.probe_weights import Weights, draw_probe_weights
from analysis.figures.style import Drawn, arm_colours
from analysis.metric_key import MetricKey
from analysis.replicates import values_by_seed
from analysis.runs import Run

ACCURACY = (("probe_accuracy", "vowel"), ("probe_accuracy", "syllable"))
ENTANGLEMENT = (
    ("mig", "mean"),
    ("dci_disentanglement", ""),
    ("hoyer", "vowel"),
    ("active_units", ""),
    ("kl_nats", ""),
)
POINTS = (
    "Every seed is a point; the line joins means over seeds. An arm without this setting is a "
    "horizontal line at its mean with a band over its seeds' range, its points at the left edge; "
    "dashed: untrained encoder; dotted: chance, or the mean with labels permuted."
)


def figures(answer: Answer) -> Iterator[Drawn]:
    """Draw every figure that the study has data for."""
    configurations = answer.configurations
    values = {
        (one.arm, one.config_hash): values_by_seed(answer.metrics, one) for one in configurations
    }
    if answer.best is not None:
        yield from _forest(answer, answer.best, values)
    for setting in numeric_settings(configurations):
        short = setting.rsplit(".", 1)[-1]
        for name, rows in (("accuracy", ACCURACY), ("entanglement", ENTANGLEMENT)):
            figure = draw_against_setting(configurations, values, setting, rows)
            if figure:
                title = f"{name.capitalize()} against {short}"
                yield Drawn(f"{name}_against_{short}", title, POINTS, figure)
    figure = draw_learning_curves(shown(configurations), answer.curves)
    if figure:
        yield Drawn(
            "learning_curves",
            "Learning curves per module",
            "One thin line a seed. Losses are comparable within a layer, not between module "
            "counts; online accuracy is that of a cheap linear probe on held-out training words.",
            figure,
        )
    if answer.best is not None:
        yield from _weights(answer, answer.best)


def _forest(answer: Answer, comparison: Comparison, values: Values) -> Iterator[Drawn]:
    a, b = comparison.a, comparison.b
    sides = [values[one.arm, one.config_hash] for one in (a, b)]
    by_seed = {}
    for quantity, target, layer in comparison.rows.filter(
        ["quantity", "target", "layer"]
    ).to_numpy():
        place = MetricKey(quantity, target, layer)
        before, after = sides[0][place], sides[1][place]
        paired = [seed for seed in comparison.seeds if seed in before and seed in after]
        by_seed[place] = [after[seed] - before[seed] for seed in paired]
    colours = arm_colours(answer.configurations)
    figure = draw_forest(comparison.rows, by_seed, (a.arm, b.arm), (colours[a.arm], colours[b.arm]))
    if figure:
        yield Drawn(
            "paired_differences",
            f"Paired differences, {b.label} - {a.label}",
            f"Marker: mean over n = {comparison.n} shared seeds; bar: 95 % t interval (not "
            "adjusted for the number of comparisons; cut off at the panel's edge where it is very "
            "wide); ticks: single seeds.",
            figure,
        )


def _weights(answer: Answer, comparison: Comparison) -> Iterator[Drawn]:
    columns: list[tuple[str, dict[str, Weights]]] = []
    untrained = untrained_of(answer.configurations, comparison.b)
    sides = [comparison.a, comparison.b, *([untrained] if untrained else [])]
    seed = next(
        (s for s in comparison.seeds if all(_probe_arrays(answer, x, s) for x in sides[:2])), None
    )
    if seed is None:
        return
    for one in sides:
        arrays = _probe_arrays(answer, one, seed)
        if arrays:
            columns.append((one.label if one.method != UNTRAINED else "untrained", arrays))
    targets = sorted({target for _, arrays in columns for target in arrays}, reverse=True)
    for target in targets:
        figure = draw_probe_weights(
            [(arm, arrays.get(target, {})) for arm, arrays in columns], target
        )
        if figure:
            yield Drawn(
                f"probe_weights_{target}",
                f"Which dimensions carry the {target}",
                f"Weights of a linear probe (interpretability protocol: no bias, sampled latents), "
                f"seed {seed}; each label's weights divided by their largest magnitude; dimensions "
                "sorted by the label they carry most. Few strong dimensions a label mean a "
                "concentrated code.",
                figure,
            )


def _probe_arrays(answer: Answer, one: Configuration, seed: int) -> dict[str, Weights]:
    """Probe weights by target and layer, (label, dim), of one encoder; empty when unfinished."""
    run = next((run for run in answer.runs if _is_probe_of(run, one, seed)), None)
    path = run.folder.artifacts / "probe_weights.npz" if run else None
    if path is None or not path.exists():
        return {}
    with np.load(path, allow_pickle=False) as arrays:
        protocols = {key.split("/")[0] for key in arrays.files}
        chosen = max(protocols, key=lambda name: ("interpretability" in name, name))
        found: dict[str, dict[str, np.ndarray]] = {}
        for key in arrays.files:
            protocol, target, layer = key.split("/")
            if protocol == chosen:
                found.setdefault(target, {})[layer] = arrays[key]
    return dict(found)


def _is_probe_of(run: Run, one: Configuration, seed: int) -> bool:
    return (
        run.member.stage == "probe"
        and run.status == "finished"
        and (run.encoder.arm, run.encoder.config_hash, run.encoder.seed)
        == (one.arm, one.config_hash, seed)
    )
