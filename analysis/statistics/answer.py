"""Two arms of a study compared: their winners, and every configuration with its counterpart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.read.configurations import Configuration, counterpart, untrained_of
from analysis.read.study import StudyRecord
from analysis.statistics.comparison import Comparison, compare_configurations
from analysis.statistics.measured import Measured
from sim_study.config.method import COMPARED, is_untrained
from sim_study.errors import Problem, UserError, near_miss


@dataclass(frozen=True, eq=False)
class Answer:
    """What a study says of two of its arms, before it is printed, drawn or reported.

    Args:
        study: The study.
        measured: Its configurations with what was measured of each.
        best: The two arms' winners compared; None when an arm has no winner yet.
        each: Every shown configuration of b against its counterpart in a.
    """

    study: StudyRecord
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
    each = [against(counterpart(one, of_a), one) for one in study.shown if one.arm == b]
    return Answer(
        study=study,
        measured=tuple(measured.values()),
        best=against(best.get(a), best.get(b)),
        each=tuple(one for one in each if one is not None),
    )


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
    first = a or _other(methods, COMPARED[0], but=b)
    second = b or _other(methods, COMPARED[1], but=first)
    if first is None or second is None:
        hint = f"arms so far: {', '.join(methods) or 'none'}"
        raise UserError(Problem(f"study {study}", "has no two arms to compare", hint=hint))
    return first, second


def _other(methods: dict[str, str], wanted: str, but: str | None) -> str | None:
    """An arm other than `but`: of the wanted method, else a trained one, else any."""
    others = [arm for arm in methods if arm != but]
    return min(
        others, key=lambda arm: (methods[arm] != wanted, is_untrained(methods[arm])), default=None
    )
