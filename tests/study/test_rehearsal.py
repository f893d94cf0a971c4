"""A dry run says what it would do and what its estimate rests on."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from rich.console import Console

from sim_study.errors import UserError
from sim_study.ledger.ledger import Ledger
from sim_study.ledger.records import Result
from sim_study.space.spec import Downstream, Spec
from sim_study.study.run.rehearsal import rehearse
from sim_study.study.run.session import Session
from sim_study.sweep import _ask

SPEC = Spec.model_validate(
    {
        "study": "small",
        "corpus": {"name": "synthetic-speech", "train_words": 24, "test_words": 12},
        "arms": ["gim", "random"],
        "model": {"channels": 4, "context_channels": 2},
        "train": {"epochs": 2, "batch_size": 8},
        "seeds": 2,
        "downstream": {"probe": None, "metrics": None},
    }
)


def _text(output: Path, spec: Spec = SPEC, *, fresh: bool = False) -> str:
    console = Console(width=200)
    with console.capture() as capture:
        console.print(rehearse(spec, "small.yaml", output, fresh=fresh))
    return capture.get()


def test_before_anything_has_run_operations_are_counted(tmp_path: Path) -> None:
    text = _text(tmp_path / "none")
    assert "4 trials, 4 to run" in text
    assert "counted operations at this machine's rate" in text
    assert not (tmp_path / "none").exists()


def test_later_the_recorded_times_count(tmp_path: Path) -> None:
    corpus = {"name": "synthetic-speech", "fingerprint": "not prepared"}
    session = Session(SPEC, "small.yaml", Ledger(tmp_path), corpus)
    session.open()
    for planned in session.plan.planned:
        if planned.trial.seed == 1:
            folder = session.ledger.folder(planned.trial.trial_id)
            folder.begin(planned.trial)
            result = Result(status="finished", metrics={"online/vowel/mean": 0.5}, seconds=90.0)
            folder.end(result)
    text = _text(tmp_path)
    assert "4 trials, 2 to run" in text
    assert "about 1:30 each" in text
    assert "(as like trials took here)" in text
    assert "--fresh deletes 2 trials of" in _text(tmp_path, fresh=True)
    longer = SPEC.model_copy(update={"train": SPEC.train.model_copy(update={"epochs": 3})})
    assert "train.epochs: 2 -> 3\nto be run with --replace" in _text(tmp_path, longer)


def test_deleting_asks_on_a_terminal_and_wants_yes_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _ask(["--fresh deletes 2 trials"], yes=True)
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(UserError, match="add --yes if that is meant"):
        _ask(["--fresh deletes 2 trials"], yes=False)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    for answer in (True, False):
        monkeypatch.setattr("click.confirm", lambda text, answer=answer: answer)
        with contextlib.nullcontext() if answer else pytest.raises(UserError, match="nothing was"):
            _ask(["--fresh deletes 2 trials"], yes=False)
    assert capsys.readouterr().out.count("--fresh deletes 2 trials") == 4


def test_the_chosen_size_is_shown(tmp_path: Path) -> None:
    spec = SPEC.model_copy(update={"size": "tiny"})
    assert "small  (size tiny)" in _text(tmp_path / "none", spec)
    assert "size" not in _text(tmp_path / "none").splitlines()[0]


def test_what_the_study_will_be_judged_by_is_shown(tmp_path: Path) -> None:
    said = _text(tmp_path / "none", SPEC.model_copy(update={"downstream": Downstream()}))
    assert "primary tests, by default, recorded before the first trial:" in said
    assert "  accuracy, vowel, context, random - gim; 0.05 matters" in said
    assert "no primary tests: whatever this finds is exploratory" in _text(tmp_path / "none")
    searched = Spec.model_validate(
        {
            "study": "s",
            "corpus": {"name": "synthetic-speech", "train_words": 24, "test_words": 12},
            "arms": ["gim", "sim"],
            "space": {"objective.kld_weight": {"choice": [1e-4, 1e-3], "when": {"arm": "sim"}}},
            "search": {"algorithm": "grid"},
            "seeds": 2,
            "tests": ["accuracy, vowel, context, sim - gim"],
        }
    )
    said = _text(tmp_path / "none", searched)
    assert "primary tests, named by the file" in said
    assert "sim: the best configuration, judged on the seeds that choose it" in said
