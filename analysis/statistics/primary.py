"""A study's primary tests, judged: values of two arms' winners -> verdicts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.read.configurations import Configuration
from analysis.read.replicates import ByPlace, leading, shared_seeds
from analysis.read.study import StudyRecord
from analysis.statistics.difference import Difference, paired, welch
from analysis.statistics.power import ALPHA, seeds_to_settle
from analysis.statistics.verdict import Judged, judge
from sim_study.config.primary import (
    ALL_LAYERS,
    LEADING,
    Matters,
    PrimaryTest,
    compared_pair,
    default_tests,
    with_matters,
)
from sim_study.naming.result_keys import MetricKey, parse_key
from sim_study.naming.targets import TARGETS

BySeed = Mapping[int, float]


@dataclass(frozen=True)
class Reading:
    """What a test reads, before it is judged.

    Args:
        test: The test; b - a is what it is about.
        a, b: The arms' winners; None: an arm has none yet.
        role: Role of the seeds, as of a comparison.
        asked: Seeds that both were asked for in that role.
        place: The result that was read; None: the two have none in common.
        a_values, b_values: Over the seeds that have both.
    """

    test: PrimaryTest
    a: Configuration | None
    b: Configuration | None
    role: str = ""
    asked: tuple[int, ...] = ()
    place: MetricKey | None = None
    a_values: tuple[float, ...] = ()
    b_values: tuple[float, ...] = ()

    @cached_property
    def difference(self) -> Difference:
        """Paired by seed: it decides, for the seeds were paired when the study was planned."""
        return paired(self.a_values, self.b_values)

    @cached_property
    def unpaired(self) -> Difference:
        """As if seeds shared nothing: shown beside it, for they pair weakly."""
        return welch(self.a_values, self.b_values)

    @property
    def spread(self) -> float:
        """Standard deviation over seeds of the paired difference."""
        return self.difference.error * math.sqrt(self.difference.n)

    @property
    def matters(self) -> float:
        """The smallest difference that matters."""
        return self.test.matters if self.test.matters is not None else math.nan


@dataclass(frozen=True)
class Outcome:
    """A test and what came of it.

    Args:
        reading: What was read.
        judged: By the paired difference, among all tests.
        unpaired: By the unpaired one, likewise.
        level: What the first of all tests must pass: 5 % over their number.
    """

    reading: Reading
    judged: Judged
    unpaired: Judged
    level: float

    @cached_property
    def seeds_needed(self) -> int | None:
        """How many seeds would tell, with 80 % power, a difference that matters from none.

        With the spread between seeds that was seen; None where it is unknown.
        """
        spread = self.reading.spread
        if not math.isfinite(spread):
            return None
        return seeds_to_settle(self.reading.matters / spread, self.level)

    @property
    def disagree(self) -> bool:
        """Whether the two ways of reading the same seeds come to other verdicts."""
        return self.judged.verdict != self.unpaired.verdict


@dataclass(frozen=True)
class Primary:
    """All primary tests of a study.

    Args:
        outcomes: In the order in which they were named.
        recorded: Whether the study has recorded its tests; else they are the default ones.
    """

    outcomes: tuple[Outcome, ...]
    recorded: bool

    @property
    def made(self) -> int:
        """How many tests could be made, which is what Holm divides by."""
        return sum(math.isfinite(one.judged.p) for one in self.outcomes)


def primary(study: StudyRecord) -> Primary:
    """Judge the primary tests of a study by what has finished of it."""
    tests = study.facts.tests
    recorded = tests is not None
    best = {one.arm: one for one in study.best}
    readings = [
        _read(test, best.get(test.arms[1]), best.get(test.arms[0]), study)
        for test in (_default(study) if tests is None else tests)
    ]
    return Primary(judged(readings), recorded)


def judged(readings: Sequence[Reading]) -> tuple[Outcome, ...]:
    """Judge readings together, both ways."""
    matters = [one.matters for one in readings]
    differences = [one.difference for one in readings]
    by_seed = judge(differences, matters)
    by_arm = judge([one.unpaired for one in readings], matters)
    level = ALPHA / max(1, sum(math.isfinite(one.p) for one in differences))
    return tuple(
        Outcome(one, of_pairs, of_arms, level)
        for one, of_pairs, of_arms in zip(readings, by_seed, by_arm, strict=True)
    )


def _read(
    test: PrimaryTest, a: Configuration | None, b: Configuration | None, study: StudyRecord
) -> Reading:
    if a is None or b is None:
        return Reading(test, a, b)
    seeds, role = shared_seeds(a, b)
    sides = study.values(a), study.values(b)
    place = _place(test, sides)
    if place is None:
        return Reading(test, a, b, role, tuple(seeds))
    of_a, of_b = (_values(side, place) for side in sides)
    both = [seed for seed in seeds if seed in of_a and seed in of_b]
    return Reading(
        test,
        a,
        b,
        role,
        tuple(seeds),
        place,
        tuple(of_a[seed] for seed in both),
        tuple(of_b[seed] for seed in both),
    )


def _place(test: PrimaryTest, sides: Sequence[ByPlace]) -> MetricKey | None:
    """The result that a test is about, where both sides have it.

    A study of before the converged probe has the paper's; a mean over factors may be called so,
    or stand without a target.
    """
    quantity = leading(test.quantity, *sides)
    for target in (test.target, {"": "mean", "mean": ""}.get(test.target, test.target)):
        place = MetricKey(quantity, target, test.layer)
        if all(_values(side, place) for side in sides):
            return place
    return None


def _values(side: ByPlace, place: MetricKey) -> BySeed:
    """A side's values by seed; over all layers, the mean of the seeds that have every one."""
    if place.layer != ALL_LAYERS:
        return side.get(place, {})
    layers = [of for there, of in side.items() if there[:2] == place[:2] and _is_layer(there.layer)]
    seeds = set.intersection(*map(set, layers)) if layers else set()
    return {seed: float(np.mean([of[seed] for of in layers])) for seed in seeds}


def _is_layer(layer: str) -> bool:
    return layer == "context" or layer.startswith("module_")


def _default(study: StudyRecord) -> tuple[PrimaryTest, ...]:
    """The tests of a study that has recorded none, by the rule for files that name none."""
    a, b = compared_pair({one.arm: one.method for one in study.configurations})
    arms = None if a is None or b is None else (b, a)
    mine = [one for one in study.configurations if arms and one.arm in arms]
    values = [study.values(one) for one in mine]
    places = {place for side in values for place in side}
    read = {place.target for place in places if place.quantity in ("accuracy", "probe_accuracy")}
    asked = [parse_key(one.metric).target for one in study.facts.objective]
    target = next((one for one in (*asked, *TARGETS) if one in read), None)
    modules = {len(one.model.layers_per_module) for one in mine if one.model}
    tests = default_tests(
        arms,
        target or "",
        modules.pop() if len(modules) == 1 else None,
        accuracy=None if target is None else leading("accuracy", *values),
        aligned=any(place.quantity == LEADING for place in places),
    )
    return with_matters(tests, Matters())
