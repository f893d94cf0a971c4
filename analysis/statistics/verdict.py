"""What tests made together come to: larger, smaller, equivalent or undecided.

Two families of k tests, each under Holm at 5 %: that a difference is zero, and that it is at least
what matters. No difference can be both, so that a test can go wrong in one of them only. The chance
that any `larger` or `smaller` of a study is false is at most 5 %, and so is the chance that any
`equivalent` is; where some differences are zero and others are what matters, the two may add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from analysis.statistics.difference import Difference
from analysis.statistics.power import ALPHA
from analysis.statistics.several import holm

Verdict = Literal["larger", "smaller", "equivalent", "undecided", "not measured"]


@dataclass(frozen=True)
class Judged:
    """One test among others.

    Args:
        verdict: equivalent: smaller than what matters, whether or not it is zero. not measured:
            there are no seeds to compare.
        p: Holm-adjusted p of no difference; NaN where the error is unknown.
        p_equivalent: Holm-adjusted p of a difference that matters, likewise.
    """

    verdict: Verdict
    p: float
    p_equivalent: float


def judge(differences: Sequence[Difference], matters: Sequence[float]) -> list[Judged]:
    """Judge tests that are made together.

    Args:
        differences: One a test.
        matters: The smallest that matters of each, in its unit.
    """
    apart = holm([one.p for one in differences])
    alike = holm([one.p_equivalent(size) for one, size in zip(differences, matters, strict=True)])
    return [
        Judged(_verdict(one, float(p), float(p_equivalent)), float(p), float(p_equivalent))
        for one, p, p_equivalent in zip(differences, apart, alike, strict=True)
    ]


def _verdict(one: Difference, p: float, p_equivalent: float) -> Verdict:
    if one.n == 0:
        return "not measured"
    if p_equivalent <= ALPHA:
        return "equivalent"
    if p <= ALPHA:
        return "larger" if one.mean > 0 else "smaller"
    return "undecided"
