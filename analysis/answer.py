"""Everything `compare` has to say about a study, before it is printed, drawn or reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.read.configurations import (
    Configuration,
    best_of,
    counterpart,
    read_configurations,
    shown,
)
from analysis.read.runs import Run, read_runs
from analysis.read.table import curve_table, metric_table, trial_table
from analysis.statistics.comparison import Comparison, compare_configurations
from sim_study.config.method import COMPARED, is_untrained
from sim_study.errors import Problem, UserError, near_miss
from sim_study.ledger.ledger import Ledger
from sim_study.ledger.study_facts import StudyFacts


@dataclass(frozen=True)
class Answer:
    """One study, two arms of it compared.

    Args:
        study: The study's name.
        facts: What the engine wrote about it.
        runs: Its trials.
        trials, metrics, curves: Its tidy tables.
        configurations: All of its configurations.
        best: The two arms' winners compared; None when an arm has no winner yet.
        each: Every shown configuration of b against its counterpart in a.
    """

    study: str
    facts: StudyFacts
    runs: tuple[Run, ...]
    trials: pd.DataFrame
    metrics: pd.DataFrame
    curves: pd.DataFrame
    configurations: tuple[Configuration, ...]
    best: Comparison | None
    each: tuple[Comparison, ...]


def answer(ledger: Ledger, study: str, a: str | None, b: str | None) -> Answer:
    """Compare arm b with arm a.

    Args:
        ledger: Where the study ran.
        study: Its name.
        a: Name of an arm; None: one of method gim other than b, else another trained one.
        b: Name of another; None: one of method sim other than a, else another trained one.

    Raises:
        UserError: When there is no such study or arm, or nothing to compare.
    """
    runs, facts = read_runs(ledger, study), StudyFacts.read(ledger.study(study))
    configurations = read_configurations(runs, facts)
    a, b = _arms(study, configurations, a, b)
    metrics = metric_table(ledger, study)

    def against(left: Configuration | None, right: Configuration | None) -> Comparison | None:
        if left is None or right is None:
            return None
        return compare_configurations(metrics, left, right, configurations)

    of_a = [one for one in configurations if one.arm == a]
    of_b = [one for one in shown(configurations) if one.arm == b]
    best_b = best_of(configurations, b)
    best_a = best_of(configurations, a)
    each = [against(counterpart(one, of_a), one) for one in of_b]
    return Answer(
        study=study,
        facts=facts,
        runs=tuple(runs),
        trials=trial_table(ledger, study),
        metrics=metrics,
        curves=curve_table(ledger, study),
        configurations=tuple(configurations),
        best=against(best_a, best_b),
        each=tuple(one for one in each if one is not None),
    )


def _arms(
    study: str, configurations: Sequence[Configuration], a: str | None, b: str | None
) -> tuple[str, str]:
    methods = {one.arm: one.method for one in configurations}
    for option, arm in (("--a", a), ("--b", b)):
        if arm is not None and arm not in methods:
            known = f"known arms: {', '.join(methods) or 'none'}"
            hint = f"{near_miss(arm, methods)} ({known})" if near_miss(arm, methods) else known
            raise UserError(Problem(f"study {study}", "no such arm", option, arm, hint))
    if a is not None and a == b:
        raise UserError(Problem(f"study {study}", "--a and --b must be different arms", "--b", b))
    first = a or _other(methods, COMPARED[0], but=b)
    second = b or _other(methods, COMPARED[1], but=first)
    if first is None or second is None:
        raise UserError(
            Problem(
                f"study {study}",
                "has no two arms to compare",
                hint=f"arms so far: {', '.join(methods) or 'none'}",
            )
        )
    return first, second


def _other(methods: dict[str, str], wanted: str, but: str | None) -> str | None:
    """An arm other than `but`: of the wanted method, else a trained one, else any."""
    others = [arm for arm in methods if arm != but]
    others.sort(key=lambda arm: (methods[arm] != wanted, is_untrained(methods[arm])))
    return others[0] if others else None
