"""Laws between a study and its corpus: what it has labels for, and whether crops fit into clips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim_study.config.method import METHODS, TRAITS, Method
from sim_study.data.corpora import kind_of
from sim_study.errors import Problem, UserError, near_miss
from sim_study.space.spec import Spec

PAPER_CROP_SAMPLES = 20_480
"""1.28 s, what the paper cuts from utterances (Smooth InfoMax, section 4)."""


def corpus_problems(spec: Spec, place: str) -> Iterator[Problem]:
    """Yield everything that the study asks of its corpus and cannot have."""
    yield from _labels(spec, place)
    yield from _mixed(spec, place)
    yield from _crops(spec, place)


def clip_samples(spec: Spec, method: Method) -> int:
    """Return the length that every clip or recording has at least that a method learns from."""
    labelled = TRAITS[method].learns_labels
    return kind_of(spec.corpus).shortest_samples(spec.corpus, labelled=labelled)


def check_phone_labels(spec: Spec, place: str, there: bool) -> None:
    """Refuse a study that asks for phones of a corpus that nobody gave phone labels for.

    This alone is not known from the file: only the corpus tells.

    Args:
        spec: The study.
        place: The space file, for messages.
        there: Whether the corpus has utterances with phone labels.

    Raises:
        UserError: Listing every key that asks for phones.
    """
    law = f"{spec.corpus.name} has no phone labels here"
    hint = kind_of(spec.corpus).facts.where_phones
    problems = [
        Problem(place, law, where, value, hint)
        for where, value, _ in _asked(spec)
        if value == "phone" and not there
    ]
    if problems:
        raise UserError(*problems)


def _mixed(spec: Spec, place: str) -> Iterator[Problem]:
    """Factors of clips beside phone, which is of frames: no row of codes has labels of both."""
    factors = () if spec.downstream.metrics is None else spec.downstream.metrics.factors
    for index, factor in enumerate(factors):
        if "phone" in factors and factor not in ("phone", "speaker"):
            law = "cannot be held against the same codes as phone, which is of single frames"
            yield Problem(place, law, f"downstream.metrics.factors.{index}", factor)


def _labels(spec: Spec, place: str) -> Iterator[Problem]:
    """Targets and factors that the corpus has no labels for."""
    for where, value, known in _asked(spec):
        if value not in known:
            hint = near_miss(value, known) or f"it has {', '.join(known)}"
            law = f"{spec.corpus.name} has no such labels for this"
            yield Problem(place, law, where, value, hint)


def _asked(spec: Spec) -> list[tuple[str, str, Sequence[str]]]:
    """Every key that asks for a kind of label, which kind, and what the corpus may have there."""
    facts, downstream = kind_of(spec.corpus).facts, spec.downstream
    asked: list[tuple[str, str, Sequence[str]]] = [
        ("online_probe.target", spec.online_probe.target, facts.targets),
        ("objective.supervised_target", spec.objective.supervised_target, facts.targets),
    ]
    key = "objective.supervised_target"
    for arm, of_arm in spec.arms.items():
        if key in of_arm.set:
            asked.append((f"arms.{arm}.set.{key}", str(of_arm.set[key]), facts.targets))
    if key in spec.dimensions:
        asked += [
            (f"space.{key}", str(value), facts.targets) for value in spec.dimensions[key].bounds
        ]
    if downstream.probe is not None:
        for index, target in enumerate(downstream.probe.targets):
            asked.append((f"downstream.probe.targets.{index}", target, facts.targets))
    if downstream.metrics is not None:
        for index, factor in enumerate(downstream.metrics.factors):
            asked.append((f"downstream.metrics.factors.{index}", factor, facts.factors))
    return asked


def _crops(spec: Spec, place: str) -> Iterator[Problem]:
    """Crops that are missing, or longer than what they are cut from."""
    name, facts = spec.corpus.name, kind_of(spec.corpus).facts
    key = "train.crop_samples"
    for arm, of_arm in spec.arms.items():
        method = spec.method_of(arm)
        if method not in METHODS:  # the laws of keys say so
            continue
        longest = clip_samples(spec, method)
        if dimension := spec.dimensions_of(arm).get(key):
            crops, where = dimension.bounds, f"space.{key}"
        elif key in of_arm.set:
            crops, where = (of_arm.set[key],), f"arms.{arm}.set.{key}"
        else:
            crops, where = (spec.train.crop_samples,), key
        for crop in crops:
            if crop is None and facts.needs_crops and TRAITS[method].trained:
                law = f"is required: {name} has recordings of many lengths"
                hint = f"the paper takes {min(PAPER_CROP_SAMPLES, longest)}"
                yield Problem(place, law, where, hint=hint)
            elif isinstance(crop, int) and crop > longest:
                labelled = TRAITS[method].learns_labels and not facts.needs_crops
                kind = f"labelled clip, which arm '{arm}' learns from" if labelled else "clip"
                law = f"must not be longer than a {kind}, {longest} samples"
                own = f"give the arm its own under arms.{arm}.set"
                hint = own if labelled and where == key else ""
                yield Problem(place, law, where, crop, hint)
