"""What MLflow costs grows with what has changed, not with the study: counted, not timed."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest

from sim_study.ledger.ledger import TrialFolder
from sim_study.tracking import reading
from sim_study.tracking.projection import Projection
from sim_study.tracking.writer import Writer


class CountingWriter:
    """Stands in for MLflow; every method of a `Writer` is one or two calls to the store."""

    experiment_id = "1"

    def __init__(self, calls: Counter[str]) -> None:
        self._calls = calls

    def create(self, *args: Any) -> str:
        self._calls["create"] += 1
        return f"run {args[0]}"

    def runs(self) -> dict[str, Any]:
        return {}

    def __getattr__(self, name: str) -> Any:
        assert hasattr(Writer, name)

        def call(*args: Any) -> None:
            self._calls[name] += 1

        return call


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    found: Counter[str] = Counter()
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    writer = CountingWriter(found)
    monkeypatch.setattr("sim_study.tracking.writer.Writer", lambda *args: writer)

    def count(owner: Any, name: str) -> None:
        original = getattr(owner, name)

        def counting(*args: Any) -> Any:
            found[f"read {name}"] += 1
            return original(*args)

        monkeypatch.setattr(owner, name, counting)

    for name in ("trial", "result", "curve"):
        count(TrialFolder, name)
    count(reading, "_modified_ns")
    return found


def _run(study: Any, first: int, trials: int) -> None:
    """Run single-seed configurations to their end."""
    for number in range(first, first + trials):
        encoder = study.encoder("sim", 1, kld_weight=1 / (1 + number))
        study.end(encoder, online__vowel__mean=0.5)


def _projection(study: Any) -> Projection:
    return Projection(study.ledger, study.name, "sqlite:///none.db", description=study.description)


def _deliver(ours: Projection) -> None:
    outcome = ours.deliver()
    assert (outcome.pending, outcome.problem) == (0, None)


def test_a_trial_costs_the_same_calls_early_and_late(study: Any, calls: Counter[str]) -> None:
    ours = _projection(study)
    costs = []
    for batch in range(6):
        _run(study, 5 * batch, 5)
        calls.clear()
        _deliver(ours)
        costs.append(dict(calls))
    assert costs[1]["create"] == 2 * 5, "a run for each trial, one for its configuration"
    assert costs[1]["read result"] <= 2 * 5
    assert costs[1:] == costs[1:2] * 5


def test_a_pass_in_which_nothing_happened_reads_and_writes_nothing(
    study: Any, calls: Counter[str]
) -> None:
    ours = _projection(study)
    _run(study, 0, 5)
    _deliver(ours)
    calls.clear()
    _deliver(ours)
    assert not calls
