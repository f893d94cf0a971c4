"""The primary tests as one small table."""

from __future__ import annotations

import math

from analysis.report.grid import Grid
from analysis.statistics.power import MANY
from analysis.statistics.primary import Outcome, Primary
from analysis.words.numbers import interval_text, number, p_text
from analysis.words.primary_answer import several_pairs, title_of_test


def primary_grid(primary: Primary) -> Grid | None:
    """One row a test, its verdict last; None when there are no tests."""
    outcomes = primary.outcomes
    if not outcomes:
        return None
    several = several_pairs(outcomes)
    b, a = ("first", "second") if several else outcomes[0].reading.test.arms
    heads = ("", "verdict", "n", a, b, f"{b} - {a}", "95 % interval", "matters", "p", "Welch p")
    return Grid(
        title="Primary tests",
        columns=(*heads, "seeds to settle it"),
        rows=tuple(_row(one, several=several) for one in outcomes),
        words=2,
    )


def _row(one: Outcome, *, several: bool) -> tuple[str, ...]:
    reading, difference = one.reading, one.reading.difference
    interval = difference.interval()
    needed = one.seeds_needed if one.judged.verdict == "undecided" else None
    n = f"{difference.n}"
    a_mean, b_mean = (
        sum(values) / len(values) if values else math.nan
        for values in (reading.a_values, reading.b_values)
    )
    return (
        title_of_test(one, arms=several),
        one.judged.verdict,
        n if difference.n == len(reading.asked) else f"{n} of {len(reading.asked)}",
        number(a_mean),
        number(b_mean),
        number(difference.mean, signed=True),
        interval_text(interval.low, interval.high, difference.n) if difference.n else "-",
        f"{reading.matters:g}",
        p_text(one.judged.p),
        p_text(one.unpaired.p),
        "" if needed is None else f"{needed}{'+' * (needed == MANY)}",
    )
