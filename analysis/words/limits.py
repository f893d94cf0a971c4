"""What a study cannot tell, in sentences: what its seeds miss, what its means leave out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from analysis.read.configurations import Configuration
from analysis.read.runs import Run
from analysis.read.study import StudyRecord
from analysis.statistics.answer import Answer
from analysis.statistics.comparison import Comparison
from analysis.statistics.intervals import Interval, paired_difference
from analysis.statistics.measured import Measured
from analysis.statistics.optimism import optimism
from analysis.words.numbers import number
from sim_study.naming.result_keys import MetricKey, layer_title

LAG = 0.05
"""Accuracy by which the paper's probe may fall short on its training clips without a warning."""


def limits(answer: Answer) -> list[str]:
    """Say what the study can and cannot detect, and what its means leave out."""
    lines = []
    if best := answer.best:
        lines = [*better_on_average(best), *flattered(best, answer.study), *unlike_modules(best)]
        lines += blind_probes([one for one in answer.measured if one.one in (best.a, best.b)])
    return [*lines, *means_sentences(answer.study)]


def means_sentences(study: StudyRecord) -> list[str]:
    """Say which seeds a study's means are over, and which trials they miss."""
    return role_sentences(study.shown) + missing_replicates(study.runs, study.shown)


def unlike_modules(comparison: Comparison) -> list[str]:
    """Say where two sides are split into modules of different depth, which share only a number."""
    a, b = (
        one.model.layers_per_module if one.model else () for one in (comparison.a, comparison.b)
    )
    if not a or not b or a == b:
        return []
    return [
        f"{comparison.a.label} has modules of {'+'.join(map(str, a))} layers, "
        f"{comparison.b.label} has modules of {'+'.join(map(str, b))} layers: modules of the same "
        "number are not equally deep; the context is the same layer in both."
    ]


def flattered(comparison: Comparison, study: StudyRecord) -> list[str]:
    """Name the sides that were chosen among several by the seeds that they are judged by."""
    several = Counter(one.arm for one in study.configurations)
    chosen = [one for one in (comparison.a, comparison.b) if several[one.arm] > 1]
    if comparison.role == "confirm" or not chosen:
        return []
    plural = len(chosen) > 1
    return [
        f"{' and '.join(one.label for one in chosen)} {'were' if plural else 'was'} chosen among "
        f"several configurations by the same seeds that {'they are' if plural else 'it is'} judged "
        f"by, so luck flatters the objective{_optimism(chosen, study)}; confirming seeds "
        "(seeds.confirm) would tell."
    ]


def _optimism(chosen: Sequence[Configuration], study: StudyRecord) -> str:
    """By how much, where it can be told."""
    found = [(one.arm, optimism(study, one)) for one in chosen]
    known = [f"{arm} {number(size, signed=True)}" for arm, size in found if math.isfinite(size)]
    if not known:
        return ""
    objective = study.facts.objective[0].metric
    return f" (by about {', '.join(known)} in {objective}, leaving one seed out of the choice)"


def blind_probes(sides: Sequence[Measured]) -> list[str]:
    """Name the configurations whose paper's probe has not fitted its own training clips."""
    lines = []
    for side in sides:
        lags = []
        for place in side.values:
            # Of these two both read whole clips; of phones they are fitted to other frames.
            if place.quantity == "accuracy_sampled_train" and place.target != "phone":
                converged = side.counted(place)
                papers = side.counted(place._replace(quantity="probe_interpretability_train"))
                if converged and papers:
                    lags.append(float(np.mean(converged) - np.mean(papers)))
        behind = [lag for lag in lags if lag > LAG]
        if behind:
            lines.append(
                f"{side.one.label}: the paper's probe of the sampled code reads up to "
                f"{number(max(behind))} less of its own training clips than a converged one, at "
                f"{len(behind)} of {len(lags)} "
                "places: there it says how fast Adam learns, not what the code holds."
            )
    return lines


def clearly_better(comparison: Comparison) -> list[str]:
    """Say where the untrained encoder's accuracy clearly exceeds both arms': above 0 throughout."""
    places = [place for place, gains in _higher(comparison) if all(gain.low > 0 for gain in gains)]
    return _sentence(comparison, "is clearly higher than that of", places)


def better_on_average(comparison: Comparison) -> list[str]:
    """Say where it exceeds both arms' on average only."""
    places = [place for place, gains in _higher(comparison) if not all(g.low > 0 for g in gains)]
    return _sentence(comparison, "is on average, not clearly, higher than that of", places)


def _sentence(comparison: Comparison, verb: str, places: Sequence[MetricKey]) -> list[str]:
    by_target: dict[str, list[str]] = {}
    for place in places:
        by_target.setdefault(place.target, []).append(layer_title(place.layer))
    where = "; ".join(f"{target} at {', '.join(layers)}" for target, layers in by_target.items())
    arms = f"{comparison.a.arm} and {comparison.b.arm}"
    text = f"The untrained encoder's accuracy (mean code) {verb} {arms} for {where}."
    return [text] if places else []


def _higher(comparison: Comparison) -> list[tuple[MetricKey, list[Interval]]]:
    """Places where the untrained encoder's mean exceeds both arms', with the paired gains."""
    found, quantity = [], comparison.leading("accuracy")
    for place, one in comparison.paired.items():
        seeds = one.untrained_seeds  # which all three have
        if place.quantity == quantity and seeds:
            untrained = [one.untrained[seed] for seed in seeds]
            gains = [
                paired_difference([side[seed] for seed in seeds], untrained)
                for side in (one.a, one.b)
            ]
            if min(gain.mean for gain in gains) > 0:
                found.append((place, gains))
    return found


def missing_replicates(runs: Sequence[Run], configurations: Sequence[Configuration]) -> list[str]:
    """Say which trials of the given configurations are missing from every mean, and why."""
    labels = {one.key: one.label for one in configurations}
    seeds: dict[tuple[str, str, str], list[int]] = {}  # by label, stage, how it stands
    for run in runs:
        if run.key in labels and run.status != "finished":
            reason = f" ({run.result.reason})" if run.result and run.result.reason else ""
            kind = (labels[run.key], run.member.stage, f"{run.status}{reason}")
            seeds.setdefault(kind, []).append(run.encoder.seed)
    stages: dict[tuple[str, str, str], list[str]] = {}  # by label, how it stands, seeds
    for (label, stage, standing), missing in seeds.items():
        listed = _listed(sorted(set(missing)))
        stages.setdefault((label, standing, listed), []).append(stage)
    return [_missing(*kind, names) for kind, names in stages.items()]


def _missing(label: str, standing: str, seeds: str, stages: Sequence[str]) -> str:
    whose = f"s {seeds}: their" if "," in seeds else f" {seeds}: its"
    first = ", ".join(stages[:-1])
    what = f"{first} and {stages[-1]} are" if first else f"{stages[-1]} is"
    return f"{label}, seed{whose} {what} {standing} and count{'s' * (not first)} in no mean."


def role_sentences(configurations: Sequence[Configuration]) -> list[str]:
    """Say where only confirming seeds count, and where beside them searching seeds do.

    One sentence for all configurations with equal seeds; none where no seed confirms.
    """
    labels: dict[tuple[str, str], list[str]] = {}
    for one in configurations:
        seeds = (_listed(one.seeds("confirm")), _listed(one.seeds("search")))
        labels.setdefault(seeds, []).append(one.label)
    if not any(confirm for confirm, _ in labels):
        return []
    confirmed = [
        f"{'; '.join(names)}: only the confirming seeds {confirm} count; the search used seeds "
        f"{search}."
        for (confirm, search), names in labels.items()
        if confirm and search
    ]
    return confirmed + [
        f"{'; '.join(names)}: never confirmed, so the searching seeds {search} count, beside the "
        "confirming seeds of others."
        for (confirm, search), names in labels.items()
        if not confirm
    ]


def _listed(seeds: list[int]) -> str:
    return ", ".join(map(str, seeds))
