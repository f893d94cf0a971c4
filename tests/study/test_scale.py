"""What a trial costs the driver does not grow with the study: counted, not timed."""

from __future__ import annotations

import math
import os
from collections import Counter
from pathlib import Path
from typing import Any, Literal

import optuna
import pytest

from benchmarks.trivial_study import drive, open_session, trivial_spec
from sim_study.ledger import ledger as ledger_room
from sim_study.ledger import ranking
from sim_study.ledger.ledger import StudyFolder, TrialFolder
from sim_study.study.plan import planned
from sim_study.study.plan.plan import Plan

FEW, MANY, SEEDS = 8, 32, 3


def _counted(monkeypatch: pytest.MonkeyPatch, counts: Counter[str], owner: Any, name: str) -> None:
    """Count the calls of a function or method under its name."""
    original = getattr(owner, name)

    def counting(*args: Any, **kwargs: Any) -> Any:
        counts[name] += 1
        return original(*args, **kwargs)

    monkeypatch.setattr(owner, name, counting)


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    found: Counter[str] = Counter()
    for owner, name in (
        (TrialFolder, "result"),
        (StudyFolder, "write"),
        (StudyFolder, "join"),
        (StudyFolder, "members"),
        (ledger_room, "read_lines"),
        (Plan, "score"),
        (planned, "Trial"),
        (ranking, "_dominates"),
        (optuna.Study, "add_trial"),
        (optuna.Study, "ask"),
        (optuna, "create_study"),
    ):
        _counted(monkeypatch, found, owner, name)
    return found


@pytest.mark.parametrize("algorithm", ["grid", "random", "tpe"])
def test_what_trials_cost_grows_with_their_number_and_no_faster(
    tmp_path: Path, counts: Counter[str], algorithm: Literal["grid", "random", "tpe"]
) -> None:
    costs = []
    for configurations in (FEW, MANY):
        counts.clear()
        session = open_session(
            trivial_spec(algorithm, configurations, SEEDS), tmp_path / str(configurations)
        )
        trials = len(list(drive(session)))
        assert session.plan.done
        assert trials == configurations * SEEDS
        costs.append(dict(counts))
    few, many = costs
    growth = MANY / FEW
    assert many.pop("_dominates") <= MANY * math.ceil(math.log2(MANY) + 1), "sorted once"
    few.pop("_dominates")
    assert set(many) == set(few)
    for name, count in many.items():
        # beginning and end weigh more in the small study; a law with a square would give 16
        assert count <= 1.5 * growth * few[name], f"{name}: {few[name]} calls, then {count}"
    # planned, handed out, ended: a result is looked for three times a trial
    assert many["result"] == 3 * MANY * SEEDS
    assert many["write"] == 2, "study.json: at the beginning, and when the best are known"


def test_optuna_is_told_every_proposal_once(tmp_path: Path, counts: Counter[str]) -> None:
    session = open_session(trivial_spec("tpe", MANY, SEEDS), tmp_path)
    assert len(list(drive(session))) == MANY * SEEDS
    in_flight = session.spec.search.in_flight
    assert counts["create_study"] == 1
    assert counts["ask"] == MANY
    assert MANY - in_flight < counts["add_trial"] <= MANY


def test_a_finished_study_is_taken_up_by_reading_every_result_once(
    tmp_path: Path, counts: Counter[str]
) -> None:
    spec = trivial_spec("tpe", MANY, SEEDS)
    list(drive(open_session(spec, tmp_path)))
    counts.clear()
    again = open_session(spec, tmp_path)
    assert again.plan.done
    assert counts["result"] == MANY * SEEDS
    assert counts["ask"] == counts["join"] == 0


def test_memory_keeps_only_what_planning_asks_for(tmp_path: Path) -> None:
    session = open_session(trivial_spec("random", FEW, SEEDS), tmp_path)
    list(drive(session))
    kept = session.plan.results.values()
    assert len(kept) == FEW * SEEDS
    assert {tuple(result.metrics) for result in kept} == {("online/vowel/mean",)}
