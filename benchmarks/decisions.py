"""Section `decisions`: how often a study's verdicts are wrong, and how often they find what is.

Whole studies are fabricated, with values drawn instead of trained, and read as any other: results
-> values by configuration -> winners -> tables -> verdicts. Seeds of the two arms correlate by
0.2, an encoder's places by about 0.5 of what is its own. A rate over m studies has a standard error
of sqrt(rate (1 - rate) / m): 0.5 % for 5 % over 2,000.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from analysis.statistics.comparison import DISCOVERED
from analysis.statistics.difference import paired
from analysis.statistics.power import ALPHA, seeds_needed, seeds_to_settle
from analysis.statistics.primary import Primary, primary
from analysis.statistics.several import false_discovery_rate
from benchmarks.fabricated_study import (
    PLACES,
    SPREAD,
    TESTED,
    TESTS,
    Design,
    fabricated_study,
    spread_of,
    true_effects,
)
from benchmarks.measurement import Goal, Measurement
from sim_study.config.primary import Matters

STUDIES = 2000
LEVEL = ALPHA / len(TESTS)
MATTERS = (0.05, 0.05, 0.1, 0.1)
"""What matters at the four tests."""

DIFFERENT, ALIKE = "wrongly larger or smaller", "wrongly equivalent"
RARE, FOUND = Goal("at most", 0.05), Goal("at least", 0.8)
LUCK = Goal("at most", 0.06)
"""A false discovery rate is 5 % exactly where nothing differs: with the luck of the draw."""

Event = Callable[[Sequence[str]], bool]
"""Something that a study's verdicts may be."""


def measure(quick: bool) -> Iterator[Measurement]:
    """Yield every rate."""
    studies = STUDIES // 20 if quick else STUDIES
    for part in (_empty, _chosen, _powered, _settled, _boundary, _second_look, _exploratory):
        yield from part(studies)


def rates(
    design: Design, studies: int, events: Sequence[Event], random: np.random.Generator
) -> list[float]:
    """Fractions of fabricated studies whose primary tests come to each event."""
    seen = np.zeros(len(events))
    for _ in range(studies):
        found = verdicts(primary(fabricated_study(design, random)))
        seen += [event(found) for event in events]
    return [float(value) for value in seen / studies]


def verdicts(found: Primary) -> list[str]:
    """The verdict of each test, in order."""
    return [one.judged.verdict for one in found.outcomes]


def any_difference(found: Sequence[str]) -> bool:
    """Whether any test is called larger or smaller."""
    return not {"larger", "smaller"}.isdisjoint(found)


def any_equivalent(found: Sequence[str]) -> bool:
    """Whether any test is called equivalent."""
    return "equivalent" in found


def any_wrong(found: Sequence[str]) -> bool:
    """Whether any verdict is wrong, where of each pair the first is zero and the second matters."""
    zero, real = {*found[::2]}, {*found[1::2]}
    return bool(zero & {"larger", "smaller"} or real & {"equivalent", "smaller"})


def _at(index: int, verdict: str) -> Event:
    return lambda found: found[index] == verdict


def _case(case: str, quantity: str, value: float, goal: Goal | None = None) -> Measurement:
    return Measurement("decisions", case, quantity, value, "fraction", goal)


def _empty(studies: int) -> Iterator[Measurement]:
    for n in (3, 8, 20):
        (wrong,) = rates(Design(search=n), studies, [any_difference], _seeded(n))
        yield _case(f"nothing differs, {n} seeds", DIFFERENT, wrong, RARE)


def _chosen(studies: int) -> Iterator[Measurement]:
    """Best of three settings, none of which differs from the other arm."""
    for judges, design in (
        ("on the seeds that chose", Design(search=8, settings=3)),
        ("on confirming seeds", Design(search=8, confirm=8, settings=3)),
    ):
        (wrong,) = rates(design, studies, [any_difference], _seeded(1))
        goal = RARE if design.confirm else None
        yield _case(f"nothing differs, best of 3 judged {judges}", DIFFERENT, wrong, goal)


def _powered(studies: int) -> Iterator[Measurement]:
    """As many seeds as the power sentence asks for, each test by itself."""
    for d in (2.0, 1.0):
        n = seeds_needed(d, LEVEL)
        design = Design(search=n, effects=true_effects([d * spread_of(one) for one in TESTED]))
        each = [_at(index, "larger") for index in range(len(TESTS))]
        least = min(rates(design, studies, each, _seeded(2)))
        yield _case(f"all differ by {d:g} SD, {n} seeds", "found, of the least test", least, FOUND)


def _settled(studies: int) -> Iterator[Measurement]:
    """As many seeds as are said to settle a test."""
    n = seeds_to_settle(Matters().accuracy / SPREAD["accuracy"], LEVEL)
    for case, effects, verdict in (
        ("nothing differs", {}, "equivalent"),
        ("all differ by what matters", true_effects(MATTERS), "larger"),
    ):
        each = [_at(index, verdict) for index in range(len(TESTS))]
        least = min(rates(Design(search=n, effects=effects), studies, each, _seeded(3)))
        yield _case(f"{case}, {n} seeds, as told", "found, of the least test", least, FOUND)


def _boundary(studies: int) -> Iterator[Measurement]:
    """True differences of exactly what matters, the hardest to tell from smaller ones."""
    for n in (8, 30):
        design = Design(search=n, effects=true_effects(MATTERS))
        (wrong,) = rates(design, studies, [any_equivalent], _seeded(4))
        yield _case(f"all differ by what matters, {n} seeds", ALIKE, wrong, RARE)
    for n in (8, 30):
        half = true_effects([0.0, MATTERS[1], 0.0, MATTERS[3]])
        (wrong,) = rates(Design(search=n, effects=half), studies, [any_wrong], _seeded(5))
        yield _case(f"two differ by what matters, two not, {n} seeds", "any wrong verdict", wrong)


def _second_look(studies: int) -> Iterator[Measurement]:
    """Empty studies that are given more seeds, and judged once more."""
    random, wrong = _seeded(6), 0
    for _ in range(studies):
        whole = fabricated_study(Design(search=24), random)
        early = replace(whole, runs=tuple(run for run in whole.runs if run.member.seed <= 8))
        wrong += any(any_difference(verdicts(primary(one))) for one in (early, whole))
    case = "nothing differs, judged with 8 seeds and again with 24"
    yield _case(case, DIFFERENT, wrong / studies)


def _exploratory(studies: int) -> Iterator[Measurement]:
    """Whether anything is pointed at where nothing is, and what share of what is is false."""
    for settings in (1, 3):
        design, random = Design(search=8, settings=settings, places=PLACES), _seeded(7)
        pointed = [bool(pointed_at(design, random)) for _ in range(studies)]
        case = f"nothing differs, {settings} setting{'s' * (settings > 1)}, 8 seeds"
        yield _case(case, "anything stands out", float(np.mean(pointed)), LUCK)
    random, false = _seeded(8), []
    effects = {place: 1.5 * spread_of(place) for place in TESTED}
    for _ in range(studies):
        names = pointed_at(Design(search=8, effects=effects, places=PLACES), random)
        false.append(sum(name not in effects for name in names) / max(1, len(names)))
    case = f"{len(effects)} of {len(PLACES)} places differ by 1.5 SD, 8 seeds"
    yield _case(case, "false among what stands out", float(np.mean(false)), LUCK)


def pointed_at(design: Design, random: np.random.Generator) -> list[str]:
    """Places that stand out at a false discovery rate of 5 % over all settings."""
    study = fabricated_study(design, random)
    gim, *sims = (study.values(one) for one in study.configurations)
    places = [place for place in gim if "/".join(filter(None, place)) in design.places]
    p = [
        paired([gim[at][seed] for seed in sim[at]], list(sim[at].values())).p
        for sim in sims
        for at in places
    ]
    names = ["/".join(filter(None, at)) for at in places] * len(sims)
    return [
        name
        for name, value in zip(names, false_discovery_rate(p), strict=True)
        if value < DISCOVERED
    ]


def _seeded(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)
