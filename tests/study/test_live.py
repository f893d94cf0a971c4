"""What a person sees while a study runs."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from sim_study.ledger.ledger import Ledger
from sim_study.ledger.records import Result
from sim_study.space.spec import Spec
from sim_study.study.run.session import Session
from sim_study.study.show.live import clock, draw, watch


def _session(spec: Spec, output: Path) -> Session:
    corpus = {"name": "synthetic-speech", "fingerprint": "f"}
    session = Session(spec, "here", Ledger(output), corpus)
    session.open()
    return session


def _drawn(session: Session) -> str:
    console = Console(width=120, file=io.StringIO(), record=True)
    console.print(draw(session.progress))
    return console.export_text()


def test_the_view_counts_names_and_shows_losses(tiny_spec: Spec, output: Path) -> None:
    session = _session(tiny_spec, output)
    assert "0 of 4 trials done, 0 running, 4 waiting" in _drawn(session)
    planned = session.next_trial(set())
    assert planned is not None
    session.progress.started(planned)
    session.progress.reported(planned, 1, {"nce/module_0": 2.345, "nce/context": 1.5})
    text = _drawn(session)
    assert "1 running, 3 waiting" in text
    assert "sim seed 1 encoder  epoch 1/4  nce 2.35 1.50" in text
    session.ended(planned, Result(status="finished", metrics={"online/vowel/mean": 0.75}))
    assert "0.750 (n=1)" in _drawn(session)


def test_a_pipe_gets_one_plain_line_per_event(tiny_spec: Spec, output: Path) -> None:
    session = _session(tiny_spec, output)
    stream = io.StringIO()
    with watch(session.progress, stream):
        planned = session.next_trial(set())
        assert planned is not None
        session.progress.started(planned)
        session.ended(planned, Result(status="diverged", reason="loss is NaN in epoch 3"))
    lines = stream.getvalue().splitlines()
    assert lines == [
        "[0:00] started: sim seed 1 encoder",
        "[0:00] diverged: sim seed 1 encoder (0 s): loss is NaN in epoch 3",
    ]


def test_durations_read_as_clocks() -> None:
    assert [clock(s) for s in (4.4, 61, 3600 + 125)] == ["0:04", "1:01", "1:02:05"]
