"""What is compared, and what the comparison cannot tell, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.answer import Answer
from analysis.read.configurations import Configuration, shown
from analysis.statistics.comparison import Comparison
from analysis.statistics.power import detection_sentence
from analysis.words.against_untrained import better_on_average
from analysis.words.completeness import missing_replicates, role_sentences

ROLES = {
    "confirm": "confirming seeds",
    "search": "seeds",
    "mixed": "seeds, which one side searched with and which confirm the other:",
}


def heading(comparison: Comparison) -> str:
    """Say what is compared, over which seeds."""
    seeds = ", ".join(map(str, comparison.seeds)) or "none"
    return (
        f"{comparison.b.label} against {comparison.a.label}, over the shared "
        f"{ROLES[comparison.role]} {seeds}"
    )


def limits(answer: Answer) -> list[str]:
    """Say what the study can and cannot detect, and what its means leave out."""
    listed = shown(answer.configurations)
    lines = [detection_sentence(answer.best.n)] if answer.best else []
    if answer.best:
        lines += better_on_average(answer.best)
        lines += flattered(answer.best, answer.configurations)
        lines += unlike_modules(answer.best)
    lines += role_sentences(listed)
    lines += missing_replicates(answer.runs, listed)
    return lines


def unlike_modules(comparison: Comparison) -> list[str]:
    """Say where two sides are split into modules of different depth, which share only a number."""
    a, b = (
        one.model.layers_per_module if one.model else () for one in (comparison.a, comparison.b)
    )
    if not a or not b or a == b:
        return []
    splits = [
        f"{one.label} has modules of {'+'.join(map(str, layers))} layers"
        for one, layers in ((comparison.a, a), (comparison.b, b))
    ]
    return [
        f"{', '.join(splits)}: modules of the same number are not equally deep; the context is "
        "the same layer in both."
    ]


def flattered(comparison: Comparison, configurations: Sequence[Configuration]) -> list[str]:
    """Name the sides that were chosen among several by the seeds that they are judged by."""
    if comparison.role == "confirm":
        return []
    chosen = [
        one.label
        for one in (comparison.a, comparison.b)
        if sum(other.arm == one.arm for other in configurations) > 1
    ]
    if not chosen:
        return []
    plural = len(chosen) > 1
    return [
        f"{' and '.join(chosen)} {'were' if plural else 'was'} chosen among several "
        f"configurations by the same seeds that {'they are' if plural else 'it is'} judged by, so "
        "luck flatters the objective; confirming seeds would tell."
    ]
