"""A study's primary tests: those of its file or the default ones, and the laws they must keep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim_study.config.primary import (
    ALIGNMENT_SUFFIX,
    ALL_LAYERS,
    DECIDABLE,
    LEADING,
    MOST,
    PrimaryTest,
    compared_pair,
    default_tests,
    with_matters,
)
from sim_study.errors import Problem, near_miss
from sim_study.naming.result_keys import layer_title
from sim_study.space.resolve import resolve, smallest
from sim_study.space.spec import Spec

_METRIC_OF = {
    "dci_disentanglement": "dci",
    "dci_completeness": "dci",
    "mig": "mig",
    "sap": "sap",
    "modularity": "modularity_explicitness",
    "infom": "infomec",
    "infoc": "infomec",
    "hoyer": "probe_weights",
    "gini": "probe_weights",
}
"""Which metric reports what alignment is measured of."""

BY_FACTOR = ("mig", "sap")
"""Of these each factor has a value of its own; others are of all factors together."""


def primary_tests(spec: Spec) -> tuple[PrimaryTest, ...]:
    """Return the tests that the study is judged by, each with the difference that matters."""
    if spec.tests is not None:
        return with_matters(spec.tests, spec.matters)
    a, b = compared_pair({arm: spec.method_of(arm) for arm in spec.arms})
    arms = None if a is None or b is None else (b, a)
    probe = spec.downstream.probe
    target: str = spec.online_probe.target
    if probe is not None and target not in probe.targets:
        target = probe.targets[0]
    tests = default_tests(
        arms,
        target,
        _modules(spec, arms or ()),
        accuracy=_accuracies(spec)[0] if probe is not None else None,
        aligned=LEADING in _measured(spec),
    )
    return with_matters(tests, spec.matters)


def primary_problems(spec: Spec, place: str) -> Iterator[Problem]:
    """Yield what the tests that a file names ask for and its study will not have."""
    tests = spec.tests or ()
    if len(tests) > MOST:
        law = f"at most {MOST} primary tests: each makes all others harder to pass"
        hint = "leave the rest to the exploratory tables"
        yield Problem(place, law, "tests", len(tests), hint)
    named = [(one.place, one.arms) for one in tests]
    for index, one in enumerate(tests):
        where = f"tests.{index}"
        if named.index(named[index]) < index:
            yield Problem(place, "is listed twice", where, str(one))
        yield from _quantity(spec, place, where, one)
        unknown = [arm for arm in one.arms if arm not in spec.arms]
        for arm in unknown:
            hint = near_miss(arm, spec.arms) or f"arms: {', '.join(spec.arms)}"
            yield Problem(place, "no such arm in this study", f"{where}.arms", arm, hint)
        if one.arms[0] == one.arms[1]:
            yield Problem(place, "an arm is tested against itself", f"{where}.arms", one.arms[0])
        elif not unknown:
            yield from _layer(spec, place, f"{where}.layer", one)


def _quantity(spec: Spec, place: str, where: str, one: PrimaryTest) -> Iterator[Problem]:
    """What is wrong with a test's quantity and target."""
    key = f"{where}.quantity"
    if one.quantity not in DECIDABLE:
        law = "is no quantity that a primary test can be about"
        titles = [found.title for found in DECIDABLE.values()]
        hint = near_miss(one.quantity, [*DECIDABLE, *titles]) or f"one of {', '.join(DECIDABLE)}"
        yield Problem(place, law, key, one.quantity, hint)
        return
    downstream, title = spec.downstream, DECIDABLE[one.quantity].title
    targets: Sequence[str]
    if DECIDABLE[one.quantity].has_target:
        targets = () if downstream.probe is None else downstream.probe.targets
        if one.quantity not in _accuracies(spec):
            known = ", ".join(_accuracies(spec)) or "none: downstream.probe is off"
            law = f"no probe of this study reports it (downstream.probe.protocol); it has {known}"
            yield Problem(place, law, key, one.quantity)
            return
    else:
        metrics = downstream.metrics
        base = one.quantity.removesuffix(ALIGNMENT_SUFFIX)
        metric = _METRIC_OF[base]
        if metric == "probe_weights":
            targets = () if downstream.probe is None else downstream.probe.targets
        elif base in BY_FACTOR:
            targets = ("", "mean", *(() if metrics is None else metrics.factors))
        else:
            targets = ("", "mean")
        if one.quantity not in _measured(spec):
            law = f"is not measured: it needs downstream.metrics with {metric} among its names"
            hint = "and downstream.metrics.rotations above 0"
            yield Problem(place, law, key, one.quantity, hint)
    if one.target not in targets:
        law = f"{title} is not read of this" if one.target else f"{title} needs a target"
        hint = near_miss(one.target, targets) or f"one of {', '.join(filter(None, targets))}"
        yield Problem(place, law, f"{where}.target", one.target, hint)


def _layer(spec: Spec, place: str, where: str, one: PrimaryTest) -> Iterator[Problem]:
    """A layer that some encoder of either arm will not have."""
    for arm in one.arms:
        layers = (*smallest(spec, arm).model.layer_names, ALL_LAYERS)
        if one.layer not in layers:
            titles = [*map(layer_title, layers[:-1]), "mean over layers"]
            hint = near_miss(layer_title(one.layer), titles) or f"one of {', '.join(titles)}"
            law = f"no such layer in every encoder of arm '{arm}'"
            yield Problem(place, law, where, layer_title(one.layer), hint)
            return


def _modules(spec: Spec, arms: Sequence[str]) -> int | None:
    """The number of conv modules of every encoder of these arms; None where they differ."""
    counts = set()
    for arm in arms:
        counts.add(len(resolve(spec, arm, {}, "").model.layers_per_module))
        for key in ("model.modules", "model.split"):
            if dimension := spec.dimensions_of(arm).get(key):
                counts |= {
                    len(resolve(spec, arm, {key: value}, "").model.layers_per_module)
                    for value in dimension.tried
                }
    return counts.pop() if len(counts) == 1 else None


def _accuracies(spec: Spec) -> tuple[str, ...]:
    """Accuracies that the study's probes report, the leading one first."""
    if spec.downstream.probe is None:
        return ()
    old, new = ("probe_accuracy", "probe_interpretability"), ("accuracy", "accuracy_sampled")
    return {"converged": new, "paper": new + old, "paper_only": old}[spec.downstream.probe.protocol]


def _measured(spec: Spec) -> list[str]:
    """Alignments that the study's metrics report."""
    metrics = spec.downstream.metrics
    if metrics is None or not metrics.rotations:
        return []
    return [
        name + ALIGNMENT_SUFFIX for name, metric in _METRIC_OF.items() if metric in metrics.names
    ]
