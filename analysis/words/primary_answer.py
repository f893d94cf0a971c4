"""What the primary tests say, in sentences, and what would settle those that are undecided."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analysis.read.replicates import has_chance
from analysis.statistics.power import MANY, detectable_effect, detection_sentence
from analysis.statistics.primary import Outcome, Primary
from analysis.words.numbers import number
from analysis.words.quantities import short_title
from sim_study.config.primary import ALL_LAYERS, PrimaryTest
from sim_study.ledger.study_facts import StudyFacts
from sim_study.naming.result_keys import layer_title

READING = (
    "Differences are paired by seed, with their 95 % t interval; larger, smaller: other than zero; "
    "equivalent: two one-sided tests find it smaller than what matters (then it may still be other "
    "than zero). p: of no difference, adjusted by Holm over the primary tests, as is that of "
    "equivalence: the chance that any larger or smaller of a study is false stays below 5 %, and "
    "so does that of any equivalent. Welch p: as if the arms' seeds had nothing in common; the "
    "paired test decides, since seeds are shared by plan"
)

NONE = "This study names no primary tests: all that follows is exploratory."


def primary_answer(primary: Primary, facts: StudyFacts) -> list[str]:
    """Say what the tests come to, when they were named, what they can find, what would settle."""
    outcomes = primary.outcomes
    if not outcomes:
        return [NONE]
    return [
        _counts(outcomes),
        _named(primary, facts),
        *_power(primary),
        *_undecided(primary, facts),
        *_otherwise(outcomes),
    ]


def title_of_test(one: Outcome, *, arms: bool) -> str:
    """Name a test as its row is called: what was read, where, and of which arms."""
    test, place = one.reading.test, one.reading.place
    quantity, target, layer = place or test.place
    where = "mean over layers" if layer == ALL_LAYERS else layer_title(layer)
    of = "" if target == "mean" else target
    name = quantity.replace("_", " ") if has_chance(quantity) else short_title(quantity)
    parts = [name, of, where, " - ".join(test.arms) if arms else ""]
    return ", ".join(part for part in parts if part)


def several_pairs(outcomes: Sequence[Outcome]) -> bool:
    """Whether the tests are not all about the same two arms."""
    return len({one.reading.test.arms for one in outcomes}) > 1


def command(one: Outcome, facts: StudyFacts) -> str:
    """The command that runs the seeds which would settle a test; empty where it is not known."""
    needed = one.seeds_needed
    if needed is None or not facts.asked or one.judged.verdict != "undecided":
        return ""
    return _command(needed, one.reading.role, facts)


def _counts(outcomes: Sequence[Outcome]) -> str:
    verdicts = [one.judged.verdict for one in outcomes]
    counted = [f"{verdicts.count(name)} {name}" for name in dict.fromkeys(verdicts)]
    n = f"{len(outcomes)} primary test{'s' * (len(outcomes) != 1)}"
    return f"{n}: {', '.join(counted)}."


def _named(primary: Primary, facts: StudyFacts) -> str:
    if not primary.recorded:
        return (
            "The study recorded no tests before it ran; these are the default ones, which depend "
            "on nothing that it found."
        )
    first = facts.tests_first
    if first is not None and first != facts.tests:
        return (
            "Changed after results existed, so that these were not decided beforehand. At first: "
            f"{'; '.join(map(_stated, first)) or 'none'}."
        )
    if facts.ended_before:
        return (
            f"Recorded when {facts.ended_before} trials of the study had ended already: whoever "
            "named them may have seen results."
        )
    return "Decided beforehand: recorded before any trial of the study had ended."


def _stated(test: PrimaryTest) -> str:
    return str(test) + (f" (matters from {test.matters:g})" if test.matters else "")


def _power(primary: Primary) -> Iterator[str]:
    """The smallest difference that these tests find, by kind of quantity."""
    known = [one for one in primary.outcomes if math.isfinite(one.judged.p)]
    if not known:
        n = max(one.reading.difference.n for one in primary.outcomes)
        yield detection_sentence(n, 1)
        return
    least = min(one.reading.difference.n for one in known)
    sizes = []
    for one in known:
        size = one.reading.spread * detectable_effect(one.reading.difference.n, one.level)
        sizes.append(f"{title_of_test(one, arms=False)} {number(size)}")
    yield (
        f"{detection_sentence(least, primary.made)} With the spread between seeds that there was: "
        f"{'; '.join(sizes)}."
    )


def _undecided(primary: Primary, facts: StudyFacts) -> Iterator[str]:
    """Seeds that would settle what is undecided, and the command that runs them."""
    several = several_pairs(primary.outcomes)
    undecided = [one for one in primary.outcomes if one.judged.verdict == "undecided"]
    if not undecided:
        return
    parts = []
    for one in undecided:
        title, n, needed = (
            title_of_test(one, arms=several),
            one.reading.difference.n,
            one.seeds_needed,
        )
        if needed is None:
            equal = "one seed" if n == 1 else "no spread between seeds"
            parts.append(f"{title} ({equal}: unknown)")
        elif needed <= n:
            parts.append(f"{title} ({needed}, which there are: the difference may lie in between)")
        else:
            more = " or more" * (needed == MANY)
            parts.append(f"{title} ({needed}{more})")
    yield (
        "Undecided, with the seeds that would tell a difference that matters from none (80 % "
        f"power, with the spread seen): {'; '.join(parts)}."
    )
    wanted = [one for one in undecided if (one.seeds_needed or 0) > one.reading.difference.n]
    if not wanted:
        return
    most = max(wanted, key=lambda one: one.seeds_needed or 0)
    if most.seeds_needed == MANY:
        yield "More seeds than anybody will run: another question, or a larger difference."
    elif line := command(most, facts):
        yield f"To settle {'it' if len(undecided) == 1 else 'all of them'}, run: {line}"
    else:
        yield (
            f"To settle {'it' if len(undecided) == 1 else 'all of them'}, run the study's space "
            f"file again with --set {_seeds(most.seeds_needed or 0, most.reading.role, facts)}"
        )


def _command(needed: int, role: str, facts: StudyFacts) -> str:
    words = [*facts.asked, "--set", _seeds(needed, role, facts)]
    return f"python -m sim_study.sweep {shlex.join(words)}"


def _seeds(needed: int, role: str, facts: StudyFacts) -> str:
    """What to set, so that as many seeds judge: confirming ones where a choice was made.

    More search seeds would make another choice, and a choice is judged on seeds that did not make
    it. Seeds that were listed by hand are kept, and counted on from the last.
    """
    chosen = bool(facts.space)
    key = "seeds.confirm" if role == "confirm" or chosen else "seeds"
    listed: Mapping[str, Any] = facts.seeds
    search, confirm = (list(listed.get(name, ())) for name in ("search", "confirm"))
    own = confirm if key == "seeds.confirm" else search
    first = max(search, default=0) + 1 if key == "seeds.confirm" else 1
    if own == list(range(first, first + len(own))):
        return f"{key}={needed}"
    begin = max([*search, *confirm], default=0) + 1
    return f"{key}={[*own, *range(begin, begin + needed - len(own))]}".replace(" ", "")


def _otherwise(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Tests of which the unpaired reading says something else."""
    several = several_pairs(outcomes)
    parts = [
        f"{title_of_test(one, arms=several)} ({one.unpaired.verdict})"
        for one in outcomes
        if one.disagree
    ]
    if parts:
        yield f"By Welch's test, as if seeds were not shared, otherwise: {'; '.join(parts)}."
