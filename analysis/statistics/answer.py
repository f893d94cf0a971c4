"""What a study says: its primary tests; two arms' winners, and every configuration, compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from analysis.read.configurations import Configuration, counterpart, untrained_of
from analysis.read.study import StudyRecord
from analysis.statistics.comparison import Comparison, compare_configurations
from analysis.statistics.measured import Measured
from analysis.statistics.primary import Primary, primary
from analysis.statistics.several import false_discovery_rate
from sim_study.config.primary import compared_pair
from sim_study.errors import Problem, UserError, near_miss


@dataclass(frozen=True, eq=False)
class Answer:
    """What a study says of two of its arms, before it is printed, drawn or reported.

    Args:
        study: The study.
        primary: The tests that it is judged by, whatever arms are compared otherwise.
        measured: Its configurations with what was measured of each.
        best: The two arms' winners compared; None when an arm has no winner yet.
        each: Every shown configuration of b against its counterpart in a.
    """

    study: StudyRecord
    primary: Primary
    measured: tuple[Measured, ...]
    best: Comparison | None
    each: tuple[Comparison, ...]


def answer(study: StudyRecord, a: str | None = None, b: str | None = None) -> Answer:
    """Compare arm b with arm a.

    Args:
        study: The study.
        a: Name of an arm; None: one of method gim other than b, else another trained one.
        b: Name of another; None: one of method sim other than a, else another trained one.

    Raises:
        UserError: When there is no such arm, or nothing to compare.
    """
    configurations = study.configurations
    a, b = _arms(study.name, configurations, a, b)
    measured = {one.key: Measured(one, study.values(one)) for one in configurations}

    def against(left: Configuration | None, right: Configuration | None) -> Comparison | None:
        if left is None or right is None:
            return None
        untrained = untrained_of(configurations, right)
        return compare_configurations(
            measured[left.key], measured[right.key], measured[untrained.key] if untrained else None
        )

    best = {one.arm: one for one in study.best}
    of_a = [one for one in configurations if one.arm == a]
    winners = against(best.get(a), best.get(b))
    each = [against(counterpart(one, of_a), one) for one in study.shown if one.arm == b]
    pairs = {_pair(one): one for one in (winners, *each) if one is not None}
    adjusted = dict(zip(pairs, _discoveries(list(pairs.values())), strict=True))
    return Answer(
        study=study,
        primary=primary(study),
        measured=tuple(measured.values()),
        best=None if winners is None else adjusted[_pair(winners)],
        each=tuple(adjusted[_pair(one)] for one in each if one is not None),
    )


def _discoveries(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Adjust the p values of comparisons that are shown together, into the column p_fdr.

    Rows are correlated: layers and targets of one encoder, measures of one thing. Benjamini and
    Hochberg's procedure holds under positive dependence; how it fares under that of a study is
    measured by the bench's section `decisions`. (Benjamini and Yekutieli's, which holds under any,
    would ask five times smaller p values of a hundred rows.)
    """
    adjusted = false_discovery_rate(
        [p for one in comparisons if len(one.rows) for p in one.rows["p"]]
    )
    found, begin = [], 0
    for one in comparisons:
        rows = one.rows
        if len(rows):
            rows = rows.assign(p_fdr=adjusted[begin : begin + len(rows)])
            begin += len(rows)
        found.append(replace(one, rows=rows))
    return found


def _pair(one: Comparison) -> tuple[tuple[str, str], tuple[str, str]]:
    """What tells one comparison from another: the winners' is among those of every setting."""
    return one.a.key, one.b.key


def _arms(
    study: str, configurations: Sequence[Configuration], a: str | None, b: str | None
) -> tuple[str, str]:
    methods = {one.arm: one.method for one in configurations}
    for option, arm in (("--a", a), ("--b", b)):
        if arm is not None and arm not in methods:
            known = f"known arms: {', '.join(methods) or 'none'}"
            near = near_miss(arm, methods)
            hint = f"{near} ({known})" if near else known
            raise UserError(Problem(f"study {study}", "no such arm", option, arm, hint))
    if a is not None and a == b:
        raise UserError(Problem(f"study {study}", "--a and --b must be different arms", "--b", b))
    first, second = compared_pair(methods, a, b)
    if first is None or second is None:
        hint = f"arms so far: {', '.join(methods) or 'none'}"
        raise UserError(Problem(f"study {study}", "has no two arms to compare", hint=hint))
    return first, second
