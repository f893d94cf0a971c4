"""The section on comparing measures the command's parts and the whole command."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.read.study import StudyRecord
from benchmarks import compare
from sim_study.ledger.ledger import Ledger


def test_a_small_case_has_every_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "_command", lambda output: 1.0)  # the verb has tests of its own
    measured = {one.quantity: one.value for one in compare.measure(quick=True)}
    parts = ("imports", "read", "tables", "statistics", "figures", "report", "whole")
    assert tuple(measured) == parts
    assert all(value > 0 for value in measured.values())


def test_the_fabricated_study_is_as_large_as_it_says(tmp_path: Path) -> None:
    compare.fabricate(tmp_path, 54)
    study = StudyRecord.read(Ledger(tmp_path), compare.STUDY)
    assert len(study.runs) == 54
    assert {run.status for run in study.runs} == {"finished"}
    assert [one.arm for one in study.best] == ["gim", "random", "sim"]
    assert [one.number for one in study.configurations if one.arm == "sim"] == [0, 1, 2, 3]
