"""What a person sees while a study runs."""

from __future__ import annotations

import io
import re
import time
from pathlib import Path

import pytest
from rich.console import Console

from sim_study.errors import Problem, UserError
from sim_study.ledger.ledger import Ledger
from sim_study.ledger.records import Result
from sim_study.space.spec import Seeds, Spec
from sim_study.study.plan.planned import PlannedTrial
from sim_study.study.run.session import Session
from sim_study.study.show import lines
from sim_study.study.show.journal import journal
from sim_study.study.show.live import draw, watch
from sim_study.study.show.words import clock


def _session(spec: Spec, output: Path) -> Session:
    corpus = {"name": "synthetic-speech", "fingerprint": "f"}
    session = Session(spec, "here", Ledger(output), corpus)
    session.open()
    return session


def _drawn(session: Session) -> str:
    console = Console(width=120, file=io.StringIO(), record=True)
    console.print(draw(session.progress))
    return console.export_text()


def _started(session: Session) -> PlannedTrial:
    planned = session.next_trial(set())
    assert planned is not None
    session.progress.started(planned)
    return planned


def test_the_view_counts_names_and_shows_losses(tiny_spec: Spec, output: Path) -> None:
    session = _session(tiny_spec, output)
    text = _drawn(session)
    assert "0 of 4 trials done, 0 running, 4 waiting" in text
    assert "best so far: online/vowel/mean" in text
    assert re.search(r"sim +0/1 +0/1 +0/1 +0/1 +-", text)
    planned = _started(session)
    session.progress.reported(
        planned, 1, {"nce/module_0": 2.345, "kl_nats/module_0": 12.34, "nce/context": 1.5}
    )
    text = _drawn(session)
    assert "1 running, 3 waiting" in text
    assert "sim seed 1 encoder  epoch 1/4  nce 2.35 1.50  kl 12.3  0:00" in text
    session.ended(planned, Result(status="finished", metrics={"online/vowel/mean": 0.75}))
    text = _drawn(session)
    assert "0.750 (n=1)" in text
    assert re.search(r"sim +1/1 +0/1 +0/1 +0/1", text)


def test_trials_beyond_a_screen_are_counted(tiny_spec: Spec, output: Path) -> None:
    session = _session(tiny_spec.model_copy(update={"seeds": Seeds(search=range(1, 15))}), output)
    busy: set[str] = set()
    while (planned := session.next_trial(busy)) is not None:
        busy.add(planned.trial_id)
        session.progress.started(planned)
    text = _drawn(session)
    assert text.count(" encoder  epoch 0/4") == 10
    assert "and 4 more" in text
    assert "14 running" in text


def test_a_running_trial_tells_its_time_by_its_epochs(tiny_spec: Spec, output: Path) -> None:
    session = _session(tiny_spec, output)
    planned = _started(session)
    running = session.progress.running[planned.trial_id]
    assert running.seconds_left() is None
    now = time.monotonic()
    running.first, running.last, running.step = (1, now - 20), now, 3
    left = running.seconds_left()
    assert left is not None
    assert left == pytest.approx(10, abs=0.5)


def test_a_pipe_gets_one_plain_line_per_event(tiny_spec: Spec, output: Path) -> None:
    session = _session(tiny_spec, output)
    stream = io.StringIO()
    with watch(session.progress, stream):
        planned = _started(session)
        session.progress.reported(planned, 1, {})
        session.ended(planned, Result(status="diverged", reason="loss is NaN in epoch 3"))
    assert stream.getvalue().splitlines() == [
        "[0:00] started: sim seed 1 encoder",
        "[0:00] diverged: sim seed 1 encoder (0 s): loss is NaN in epoch 3",
    ]


def test_a_pipe_hears_of_epochs_now_and_then(
    tiny_spec: Spec, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = _session(tiny_spec, output)
    stream = io.StringIO()
    with watch(session.progress, stream):
        planned = _started(session)
        session.progress.reported(planned, 1, {"nce/module_0": 2.0})
        monkeypatch.setattr(lines, "QUIET_SECONDS", 0)
        session.progress.reported(planned, 2, {"nce/module_0": 1.0})
        session.progress.reported(planned, 2, {"nce/module_0": 1.0})  # no other epoch
    heard = stream.getvalue().splitlines()[1:]
    assert heard == [
        "[0:00] running: sim seed 1 encoder  epoch 2/4  nce 1.00  0:00 [0/4, time left: not known]"
    ]


def test_a_pipe_of_a_large_study_is_not_flooded_but_hears_of_troubles(
    tiny_spec: Spec, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MANY_TRIALS", 2)
    seeds = Seeds(search=(1, 2, 3))
    session = _session(tiny_spec.model_copy(update={"seeds": seeds}), output)
    stream = io.StringIO()
    metrics = {"online/vowel/mean": 0.5}
    with watch(session.progress, stream):
        session.ended(_started(session), Result(status="finished", metrics=metrics))
        session.ended(_started(session), Result(status="failed", reason="the disk is full"))
        session.progress.recovered(_started(session), "killed")
    assert stream.getvalue().splitlines() == [
        "[0:00] failed: sim seed 2 encoder (0 s): the disk is full",
        "[0:00] retry: sim seed 3 encoder: its worker died: killed",
    ]


def test_the_log_tells_of_every_run_what_it_was_and_how_it_went(
    tiny_spec: Spec, output: Path
) -> None:
    session = _session(tiny_spec, output)
    path = output / "studies" / "tiny" / "log.txt"
    with journal(path, session.progress):
        planned = _started(session)
        session.progress.reported(planned, 1, {})
        session.progress.recovered(planned, "out of memory")
        session.progress.started(planned)
        session.ended(planned, Result(status="failed", reason="first\nsecond", seconds=3))
    with pytest.raises(UserError), journal(path, session.progress):
        raise UserError(Problem("resources", "a trial does not fit"))
    with pytest.raises(RuntimeError), journal(path, session.progress):
        raise RuntimeError("broken")
    text = path.read_text(encoding="utf-8")
    when = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ", re.MULTILINE)
    runs = [when.sub("", run).strip().splitlines() for run in text.split("\n\n")]
    assert len(runs) == 3
    command, folder, versions, *happened, end = runs[0]
    assert command.startswith("run begins: ")
    assert "pytest" in command
    assert folder == f"in {Path.cwd()}"
    assert re.match(r"sim-study \S+ \(science version \d+\), Python \S+, torch \S+", versions)
    name = "sim seed 1 encoder"
    assert happened == [
        f"started: {name} (trial {planned.trial_id})",
        f"retry: {name}: its worker died: out of memory",
        f"started: {name} (trial {planned.trial_id})",
        f"failed: {name} (3 s): first",
        "    second",
    ]
    assert end == "run ends after 0:00: 1 trials done, 3 to run"
    assert "refused: resources: a trial does not fit" in runs[1]
    assert runs[2][3].startswith("fault: Traceback")
    assert "    RuntimeError: broken" in runs[2]


def test_durations_read_as_clocks() -> None:
    assert [clock(s) for s in (4.4, 61, 3600 + 125)] == ["0:04", "1:01", "1:02:05"]
