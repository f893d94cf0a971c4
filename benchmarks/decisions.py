"""Section `decisions`: how often a study's verdicts are wrong, and how often they find what is.

Whole studies are fabricated, with values drawn instead of trained, and read as any other: results
-> values by configuration -> winners -> tables -> verdicts. Seeds of the two arms correlate by
0.2, an encoder's places by about 0.5 of what is its own. A rate over m studies has a standard error
of sqrt(rate (1 - rate) / m): 0.5 % for 5 % over 2,000.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from analysis.statistics.answer import answer
from analysis.statistics.comparison import DISCOVERED
from analysis.statistics.power import ALPHA, seeds_needed, seeds_to_settle
from analysis.statistics.primary import Primary, primary
from benchmarks.fabricated_study import (
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
WHOLE = 400
"""Studies whose exploratory tables are made too, which takes a hundred times longer."""
SEEDS = (3, 8, 20)
RARE, FOUND = Goal("at most", 0.05), Goal("at least", 0.8)
LEVEL = ALPHA / len(TESTS)
MATTERS = (0.05, 0.05, 0.1, 0.1)
"""What matters at the four tests."""


def measure(quick: bool) -> Iterator[Measurement]:
    """Yield every rate."""
    studies = 200 if quick else STUDIES
    for n in SEEDS:
        yield from _empty(n, studies)
    yield from _chosen(studies)
    yield from _powered(studies)
    yield from _settled(studies)
    yield from _boundary(studies)
    yield from _second_look(studies)
    yield from _exploratory(WHOLE // 10 if quick else WHOLE)


def rate(design: Design, studies: int, event: Callable[[Primary], bool], seed: int = 0) -> float:
    """Fraction of fabricated studies whose primary tests come to something."""
    random = np.random.default_rng(seed)
    return float(
        np.mean([event(primary(fabricated_study(design, random))) for _ in range(studies)])
    )


def verdicts(found: Primary) -> list[str]:
    """The verdict of each test, in order."""
    return [one.judged.verdict for one in found.outcomes]


def any_difference(found: Primary) -> bool:
    """Whether any test is called larger or smaller."""
    return not {"larger", "smaller"}.isdisjoint(verdicts(found))


def any_equivalent(found: Primary) -> bool:
    """Whether any test is called equivalent."""
    return "equivalent" in verdicts(found)


def _case(case: str, quantity: str, value: float, goal: Goal | None = None) -> Measurement:
    return Measurement("decisions", case, quantity, value, "fraction", goal)


def _empty(n: int, studies: int) -> Iterator[Measurement]:
    design = Design(search=n)
    wrong = rate(design, studies, any_difference)
    yield _case(f"nothing differs, {n} seeds", "wrongly larger or smaller", wrong, RARE)


def _chosen(studies: int) -> Iterator[Measurement]:
    """Best of three settings, none of which differs from the other arm."""
    for name, design in (
        ("judged on the seeds that chose", Design(search=8, settings=3)),
        ("judged on confirming seeds", Design(search=8, confirm=8, settings=3)),
    ):
        goal = RARE if design.confirm else None
        value = rate(design, studies, any_difference)
        yield _case(f"nothing differs, best of 3, {name}", "wrongly larger or smaller", value, goal)


def _powered(studies: int) -> Iterator[Measurement]:
    """As many seeds as the power sentence asks for, each test by itself."""
    d = Matters().accuracy / SPREAD["accuracy"]
    n = seeds_needed(d, LEVEL)
    design = Design(search=n, effects=true_effects([spread_of(place) * d for place in TESTED]))
    for index, place in enumerate(TESTED):
        found = rate(design, studies, lambda one, at=index: verdicts(one)[at] == "larger")
        yield _case(f"all differ by {d:g} SD, {n} seeds", f"{place} found", found, FOUND)


def _settled(studies: int) -> Iterator[Measurement]:
    """As many seeds as are said to settle a test."""
    n = seeds_to_settle(Matters().accuracy / SPREAD["accuracy"], LEVEL)
    equal = rate(Design(search=n), studies, lambda one: verdicts(one)[0] == "equivalent")
    yield _case(f"nothing differs, {n} seeds as told", "found equivalent", equal, FOUND)
    design = Design(search=n, effects=true_effects(MATTERS))
    larger = rate(design, studies, lambda one: verdicts(one)[0] == "larger")
    yield _case(f"all differ by what matters, {n} seeds as told", "found larger", larger, FOUND)


def _boundary(studies: int) -> Iterator[Measurement]:
    """True differences of exactly what matters, the hardest to tell from smaller ones."""
    for n in (8, 30):
        design = Design(search=n, effects=true_effects(MATTERS))
        wrong = rate(design, studies, any_equivalent)
        yield _case(f"all differ by what matters, {n} seeds", "wrongly equivalent", wrong, RARE)
    half = true_effects([0.0, MATTERS[1], 0.0, MATTERS[3]])

    def is_wrong(found: Primary) -> bool:
        said = verdicts(found)
        zero, real = {said[0], said[2]}, {said[1], said[3]}
        return bool(zero & {"larger", "smaller"} or real & {"equivalent", "smaller"})

    wrong = rate(Design(search=20, effects=half), studies, is_wrong)
    yield _case("two differ by what matters, two not, 20 seeds", "any wrong verdict", wrong)


def _second_look(studies: int) -> Iterator[Measurement]:
    """Empty studies whose undecided tests are given more seeds, and judged once more."""
    random = np.random.default_rng(7)
    wrong = 0
    for _ in range(studies):
        whole = fabricated_study(Design(search=24), random)
        early = tuple(run for run in whole.runs if run.member.seed <= 8)
        first = primary(type(whole)(whole.name, whole.facts, early))
        wrong += any_difference(first) or any_difference(primary(whole))
    case = "nothing differs, 8 seeds, looked at again with 24"
    yield _case(case, "wrongly larger or smaller", wrong / studies)


def _exploratory(studies: int) -> Iterator[Measurement]:
    """Whole tables: whether anything is pointed at where nothing is, and what share is false."""
    for settings in (1, 3):
        random = np.random.default_rng(settings)
        design = Design(search=8, settings=settings)
        pointed = [bool(_pointed_at(design, random)) for _ in range(studies)]
        case = f"nothing differs, {settings} setting{'s' * (settings > 1)}, 8 seeds"
        yield _case(case, "anything stands out", float(np.mean(pointed)), RARE)
    random = np.random.default_rng(9)
    effects = {place: 1.5 * spread_of(place) for place in TESTED}
    false = []
    for _ in range(studies):
        names = _pointed_at(Design(search=8, effects=effects), random)
        false.append(sum(name not in effects for name in names) / max(1, len(names)))
    case = f"{len(effects)} places differ by 1.5 SD, 8 seeds"
    yield _case(case, "false among what stands out", float(np.mean(false)), RARE)


def _pointed_at(design: Design, random: np.random.Generator) -> Sequence[str]:
    """Places that stand out in the exploratory tables, once for each setting."""
    found = answer(fabricated_study(design, random))
    return [
        "/".join(filter(None, (row["quantity"], row["target"], row["layer"])))
        for one in found.each
        for row in one.rows[one.rows["p_fdr"] < DISCOVERED].to_dict("records")
    ]
