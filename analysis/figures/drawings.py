"""All figures of an answer, each with its caption."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from matplotlib.figure import Figure

from analysis.figures.against_setting import draw_against_setting, numeric_settings
from analysis.figures.arm_colours import arm_colours
from analysis.figures.contribution import draw_contribution
from analysis.figures.draw import Drawing
from analysis.figures.forest import draw_forest
from analysis.figures.learning_curves import draw_learning_curves
from analysis.figures.robustness import draw_robustness
from analysis.read.configurations import untrained_of
from analysis.read.probe_arrays import probe_arrays
from analysis.read.study import StudyRecord
from analysis.statistics.answer import Answer
from analysis.statistics.comparison import Comparison
from analysis.words.limits import role_sentences
from analysis.words.quantities import CODES, READOUTS, printed
from sim_study.metrics.label_weights import contrasts, of_largest
from sim_study.views.heatmaps import Weights, heatmap_grid

ROWS = {
    "accuracy": READOUTS,
    "entanglement": (
        ("dci_completeness_alignment", ""),
        ("dci_disentanglement_alignment", ""),
        ("mig", "mean"),
        ("dci_disentanglement", ""),
        ("hoyer", "vowel"),
        ("hoyer", "phone"),
        ("hoyer", "speaker"),
    ),
    "rate": printed("rate"),
}
"""Quantities and targets of each figure against a setting, one row of panels each that the study
has."""

TITLES = {
    "accuracy": "Accuracy",
    "entanglement": "Entanglement",
    "rate": "How much the latents hold",
}

POINTS = (
    "Every seed is a point; the line joins means over seeds. An arm without this setting is a "
    "horizontal line at its mean with a band over its seeds' range, its points at the left edge; "
    "dashed: untrained encoder."
)
MEANING = {
    "accuracy": f"Grey, dotted: chance. {CODES}.",
    "entanglement": (
        "Dotted, in an arm's colour: the same measure of the same codes with labels permuted; what "
        "an arm's code holds is the distance from its own dotted line. Hollow points: the probe "
        "whose weights are read is at chance, so that they mean nothing."
    ),
    "rate": (
        "How much a frame's latents hold, in nats above the prior N(0, 1); at 0 nothing passes. "
        "Only SIM has this pull. As trained: each module sees samples of the one below; means "
        "handed on: it sees means."
    ),
}


def drawings(answer: Answer) -> Iterator[Drawing]:
    """Name every figure that a study may have data for; none is drawn yet."""
    study = answer.study
    roles = role_sentences(study.shown)
    if answer.best is not None:
        yield _forest(answer, answer.best)
    for setting in numeric_settings(study.configurations):
        short = setting.rsplit(".", 1)[-1]
        for name, rows in ROWS.items():
            yield Drawing(
                f"{name}_against_{short}",
                f"{TITLES[name]} against {short}",
                " ".join([POINTS, MEANING[name], *roles]),
                partial(draw_against_setting, answer.measured, setting, rows),
            )
    both = " Searching and confirming seeds alike." if roles else ""
    yield Drawing(
        "learning_curves",
        "Learning curves per module",
        f"One thin line a seed.{both} Losses are comparable within a layer, not between module "
        "counts; online accuracy is that of a cheap linear probe on held-out training words.",
        partial(draw_learning_curves, study.shown, study.curves),
    )
    yield Drawing(
        "contribution",
        "How few dimensions change what is heard",
        "In the latents of one test word the K dimensions that differ most are taken from "
        "another; how far the decoded sound still is from the other's, as a fraction of how "
        "far it is with none taken. One thin line a seed. A curve that falls early: few "
        "dimensions suffice. It says nothing about how large the difference is; where words "
        "hardly differ when decoded, as those of an untrained encoder, it may fall early too.",
        partial(draw_contribution, [side for side in answer.measured if side.one.is_best]),
    )
    yield Drawing(
        "robustness",
        "Louder, quieter and noisy clips, read by probes of clean ones",
        "Accuracy, mean over seeds with its 95 % t interval, of test clips that every encoder "
        "hears alike; dotted: clean clips. Probes are fitted on clean clips and not again.",
        partial(draw_robustness, study.runs, [one for one in study.shown if one.is_best]),
    )
    if answer.best is not None:
        yield from _weights(study, answer.best)


def _forest(answer: Answer, comparison: Comparison) -> Drawing:
    a, b = comparison.a, comparison.b
    colours = arm_colours(answer.study.configurations)
    return Drawing(
        "paired_differences",
        f"Paired differences, {b.label} - {a.label}",
        f"Marker: mean over n = {comparison.n} shared seeds; bar: 95 % t interval (not "
        "adjusted for the number of comparisons; cut off at the panel's edge where it is very "
        "wide); ticks: single seeds. Where a panel says so, the same measure with labels "
        "permuted was subtracted first, each arm's own, seed by seed.",
        partial(draw_forest, comparison, (colours[a.arm], colours[b.arm])),
    )


def _weights(study: StudyRecord, comparison: Comparison) -> Iterator[Drawing]:
    """Of the first shared seed that both sides have weights of."""
    untrained = untrained_of(study.configurations, comparison.b)
    sides = [comparison.a, comparison.b, *([untrained] if untrained else [])]
    for seed in comparison.seeds:
        found = [probe_arrays(study.runs, one, seed) for one in sides]
        if all(of_side.weights for of_side in found[:2]):
            break
    else:
        return
    names = ["untrained" if one.is_untrained else one.label for one in sides]
    arrays = dict(zip(names, found, strict=True))
    targets = sorted({target for one in arrays.values() for target in one.weights}, reverse=True)
    for target in targets:
        yield Drawing(
            f"probe_weights_{target}",
            f"Which dimensions carry the {target}",
            f"Weights of a linear probe on the sampled code, without bias, seed {seed}; each "
            "counts with its feature's standard deviation, relative to the mean over labels, "
            "and is divided by the largest of its label; dimensions sorted by the label they "
            "carry most, in every panel by itself, so that places are no numbers of "
            "dimensions. Few strong dimensions a label mean a concentrated code, if the probe "
            "is above chance.",
            partial(
                draw_probe_weights,
                [(arm, one.weights.get(target, {})) for arm, one in arrays.items() if one.weights],
                target,
                next((one.classes[target] for one in arrays.values() if target in one.classes), ()),
            ),
        )


def draw_probe_weights(
    columns: Sequence[tuple[str, Weights]], target: str, classes: Sequence[str] = ()
) -> Figure | None:
    """Draw heatmaps, a row of panels a layer, a column an encoder.

    Args:
        columns: (title, weights by layer) of each encoder, in units of the score per standard
            deviation of the feature.
        target: What the probes read out, for the axis.
        classes: Names of the labels; empty: their numbers.

    Returns:
        The figure; None when there are no weights.
    """
    scaled = [
        (title, {layer: of_largest(contrasts(array)) for layer, array in weights.items()})
        for title, weights in columns
    ]
    return heatmap_grid(scaled, target, classes, "weight / largest of its label")
