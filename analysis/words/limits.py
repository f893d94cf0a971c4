"""What a study cannot tell, in sentences: what its seeds miss, what its means leave out."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.read.configurations import Configuration
from analysis.read.runs import Run
from analysis.statistics.answer import Answer
from analysis.statistics.comparison import Comparison, Paired
from analysis.statistics.intervals import Interval, paired_difference
from analysis.statistics.power import detection_sentence
from sim_study.naming.layers import layer_title
from sim_study.naming.metric_key import MetricKey


def limits(answer: Answer) -> list[str]:
    """Say what the study can and cannot detect, and what its means leave out."""
    listed = answer.study.shown
    lines = [detection_sentence(answer.best.n)] if answer.best else []
    if answer.best:
        lines += better_on_average(answer.best)
        lines += flattered(answer.best, answer.study.configurations)
        lines += unlike_modules(answer.best)
    lines += role_sentences(listed)
    lines += missing_replicates(answer.study.runs, listed)
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


def clearly_better(comparison: Comparison) -> list[str]:
    """Say where the untrained encoder's accuracy clearly exceeds both arms': above 0 throughout."""
    places = [place for place, gains in _higher(comparison) if all(gain.low > 0 for gain in gains)]
    return _sentence(comparison, "is clearly higher than that of", places)


def better_on_average(comparison: Comparison) -> list[str]:
    """Say where it exceeds both arms' on average only."""
    places = [place for place, gains in _higher(comparison) if not all(g.low > 0 for g in gains)]
    return _sentence(comparison, "is on average, not clearly, higher than that of", places)


def _sentence(comparison: Comparison, verb: str, places: Sequence[MetricKey]) -> list[str]:
    arms = f"{comparison.a.arm} and {comparison.b.arm}"
    text = f"The untrained encoder's accuracy (mean code) {verb} {arms} for {_places(places)}."
    return [text] if places else []


def _higher(comparison: Comparison) -> list[tuple[MetricKey, list[Interval]]]:
    """Places where the untrained encoder's mean exceeds both arms', with the paired gains."""
    found = []
    for place, one in comparison.paired.items():
        if place.quantity == "probe_accuracy" and one.untrained_seeds:
            gains = _gains(one)
            if min(gain.mean for gain in gains) > 0:
                found.append((place, gains))
    return found


def _gains(one: Paired) -> list[Interval]:
    """Untrained - a and untrained - b over the seeds that all three have."""
    seeds = one.untrained_seeds
    return [
        paired_difference([side[seed] for seed in seeds], [one.untrained[seed] for seed in seeds])
        for side in (one.a, one.b)
    ]


def _places(places: Sequence[MetricKey]) -> str:
    by_target: dict[str, list[str]] = {}
    for place in places:
        by_target.setdefault(place.target, []).append(layer_title(place.layer))
    return "; ".join(f"{target} at {', '.join(layers)}" for target, layers in by_target.items())


def missing_replicates(runs: Sequence[Run], configurations: Sequence[Configuration]) -> list[str]:
    """Say which trials of the given configurations are missing from every mean, and why."""
    labels = {one.key: one.label for one in configurations}
    seeds: dict[tuple[str, str, str], list[int]] = {}  # by label, stage, how it stands
    for run in runs:
        label = labels.get(run.key)
        if label is None or run.status == "finished":
            continue
        reason = f" ({run.result.reason})" if run.result and run.result.reason else ""
        missing = seeds.setdefault((label, run.member.stage, f"{run.status}{reason}"), [])
        missing.append(run.encoder.seed)
    stages: dict[tuple[str, str, str], list[str]] = {}  # by label, how it stands, seeds
    for (label, stage, standing), missing in seeds.items():
        names = stages.setdefault((label, standing, _listed(sorted(set(missing)))), [])
        names.append(stage)
    return [
        _missing(label, standing, listed, names)
        for (label, standing, listed), names in stages.items()
    ]


def _missing(label: str, standing: str, seeds: str, stages: Sequence[str]) -> str:
    several = len(stages) > 1
    whose = "their" if "," in seeds else "its"
    return (
        f"{label}, seed{'s' * (',' in seeds)} {seeds}: {whose} {_and(stages)} "
        f"{'are' if several else 'is'} {standing} and count{'s' * (not several)} in no mean."
    )


def role_sentences(configurations: Sequence[Configuration]) -> list[str]:
    """Say where only confirming seeds count, and where beside them searching seeds do.

    One sentence for all configurations with equal seeds.
    """
    labels: dict[tuple[str, str], list[str]] = {}
    for one in configurations:
        if one.seeds("confirm") and one.seeds("search"):
            seeds = (_listed(one.seeds("confirm")), _listed(one.seeds("search")))
            labels.setdefault(seeds, []).append(one.label)
    sentences = [
        f"{'; '.join(names)}: only the confirming seeds {confirm} count; the search used seeds "
        f"{search}."
        for (confirm, search), names in labels.items()
    ]
    return sentences + _searched_only(configurations)


def _searched_only(configurations: Sequence[Configuration]) -> list[str]:
    """Tables that hold both kinds of means say so."""
    without: dict[str, list[str]] = {}
    for one in configurations:
        if not one.seeds("confirm"):
            without.setdefault(_listed(one.seeds("search")), []).append(one.label)
    if not any(one.seeds("confirm") for one in configurations):
        return []
    return [
        f"{'; '.join(names)}: never confirmed, so the searching seeds {seeds} count, beside the "
        "confirming seeds of others."
        for seeds, names in without.items()
    ]


def _and(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _listed(seeds: list[int]) -> str:
    return ", ".join(map(str, seeds))
