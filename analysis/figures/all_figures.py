"""All figures of an answer, each with its caption."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.answer import Answer
from analysis.figures.against_setting import draw_against_setting, numeric_settings
from analysis.figures.contribution import draw_contribution
from analysis.figures.forest import draw_forest
from analysis.figures.learning_curves import draw_learning_curves
from analysis.figures.probe_weights import draw_probe_weights
from analysis.figures.style import arm_colours
from analysis.read.configurations import shown, untrained_of
from analysis.read.probe_arrays import probe_arrays
from analysis.read.replicates import values_by_seed
from analysis.statistics.comparison import Comparison
from analysis.words.completeness import role_sentences
from analysis.words.quantities import CODES, READOUTS, printed
from sim_study.views.style import Drawn

ROWS = {
    "accuracy": READOUTS,
    "entanglement": (
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


def figures(answer: Answer) -> Iterator[Drawn]:
    """Draw every figure that the study has data for."""
    configurations = answer.configurations
    values = {
        (one.arm, one.config_hash): values_by_seed(answer.metrics, one) for one in configurations
    }
    roles = role_sentences(shown(configurations))
    if answer.best is not None:
        yield from _forest(answer, answer.best)
    for setting in numeric_settings(configurations):
        short = setting.rsplit(".", 1)[-1]
        for name, rows in ROWS.items():
            figure = draw_against_setting(configurations, values, setting, rows)
            if figure:
                caption = " ".join([POINTS, MEANING[name], *roles])
                title = f"{TITLES[name]} against {short}"
                yield Drawn(f"{name}_against_{short}", title, caption, figure)
    figure = draw_learning_curves(shown(configurations), answer.curves)
    if figure:
        both = " Searching and confirming seeds alike." if roles else ""
        yield Drawn(
            "learning_curves",
            "Learning curves per module",
            f"One thin line a seed.{both} Losses are comparable within a layer, not between module "
            "counts; online accuracy is that of a cheap linear probe on held-out training words.",
            figure,
        )
    figure = draw_contribution([one for one in configurations if one.is_best], values)
    if figure:
        yield Drawn(
            "contribution",
            "How few dimensions change what is heard",
            "In the latents of one test word the K dimensions that differ most are taken from "
            "another; how far the decoded sound still is from the other's, as a fraction of how "
            "far it is with none taken. One thin line a seed. A curve that falls early: few "
            "dimensions suffice. It says nothing about how large the difference is; where words "
            "hardly differ when decoded, as those of an untrained encoder, it may fall early too.",
            figure,
        )
    if answer.best is not None:
        yield from _weights(answer, answer.best)


def _forest(answer: Answer, comparison: Comparison) -> Iterator[Drawn]:
    a, b = comparison.a, comparison.b
    colours = arm_colours(answer.configurations)
    figure = draw_forest(
        comparison.rows, comparison.paired, (a.arm, b.arm), (colours[a.arm], colours[b.arm])
    )
    if figure:
        yield Drawn(
            "paired_differences",
            f"Paired differences, {b.label} - {a.label}",
            f"Marker: mean over n = {comparison.n} shared seeds; bar: 95 % t interval (not "
            "adjusted for the number of comparisons; cut off at the panel's edge where it is very "
            "wide); ticks: single seeds. Where a panel says so, the same measure with labels "
            "permuted was subtracted first, each arm's own, seed by seed.",
            figure,
        )


def _weights(answer: Answer, comparison: Comparison) -> Iterator[Drawn]:
    untrained = untrained_of(answer.configurations, comparison.b)
    sides = [comparison.a, comparison.b, *([untrained] if untrained else [])]
    seed = next(
        (
            seed
            for seed in comparison.seeds
            if all(probe_arrays(answer.runs, side, seed).weights for side in sides[:2])
        ),
        None,
    )
    if seed is None:
        return
    arrays = {
        "untrained" if one.is_untrained else one.label: probe_arrays(answer.runs, one, seed)
        for one in sides
    }
    targets = sorted({target for one in arrays.values() for target in one.weights}, reverse=True)
    for target in targets:
        figure = draw_probe_weights(
            [(arm, one.weights.get(target, {})) for arm, one in arrays.items() if one.weights],
            target,
            next((one.classes[target] for one in arrays.values() if target in one.classes), ()),
        )
        if figure:
            yield Drawn(
                f"probe_weights_{target}",
                f"Which dimensions carry the {target}",
                f"Weights of a linear probe on the sampled code, without bias, seed {seed}; each "
                "counts with its feature's standard deviation, relative to the mean over labels, "
                "and is divided by the largest of its label; dimensions sorted by the label they "
                "carry most, in every panel by itself, so that places are no numbers of "
                "dimensions. Few strong dimensions a label mean a concentrated code, if the probe "
                "is above chance.",
                figure,
            )
