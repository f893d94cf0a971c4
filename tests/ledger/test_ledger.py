"""Files are whole or absent; torn lines are survived; locks exclude."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sim_study.config.probe import ProbeConfig
from sim_study.config.trial import Trial
from sim_study.ledger.files import (
    GrowingLines,
    append_line,
    read_lines,
    write_json,
    write_text,
)
from sim_study.ledger.ledger import Busy, Ledger
from sim_study.ledger.records import DrawnProposal, Member, Point, Result


def _member(trial_id: str, arm: str = "gim") -> Member:
    return Member(trial_id=trial_id, arm=arm, number=0, config_hash="c", stage="encoder", seed=1)


def _point(step: int, value: float) -> Point:
    return Point(step=step, time_ms=step, metrics={"nce/module_0": value})


def test_a_torn_line_is_left_out_and_the_next_one_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    append_line(path, {"a": 1})
    with path.open("a", encoding="utf-8") as file:
        file.write('{"a": 2, "b')
    assert read_lines(path) == ([{"a": 1}], [2])
    append_line(path, {"a": 3})
    assert read_lines(path) == ([{"a": 1}, {"a": 3}], [2])


def test_growing_lines_are_read_once_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    lines = GrowingLines(path)
    assert lines.read() == ([], False)
    append_line(path, {"a": 1})
    assert lines.read() == ([{"a": 1}], True)
    assert lines.read() == ([], False)
    with path.open("ab") as file:
        file.write(b'{"a": "\xc3')
    assert lines.read() == ([], False), "the line is still being written"
    append_line(path, {"a": 3})  # it was torn
    assert lines.read() == ([{"a": 3}], False)
    write_text(path, '{"a": 4}\n')
    assert lines.read() == ([{"a": 4}], True), "another file"


def test_a_failed_write_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.json"
    write_json(path, {"old": True})

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_json(path, {"old": False})
    assert path.read_text(encoding="utf-8") == '{\n "old": true\n}\n'
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def private_files(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process's files are not for others; whoever sets the umask is overtaken at once."""
    set_umask = os.umask
    before = set_umask(0o027)

    def overtaken(mask: int) -> int:
        found = set_umask(mask)
        time.sleep(0.001)
        return found

    monkeypatch.setattr(os, "umask", overtaken)
    yield
    set_umask(before)


@pytest.mark.usefixtures("private_files")
def test_many_threads_write_files_that_are_as_private_as_the_process_wants_them(
    tmp_path: Path,
) -> None:
    with ThreadPoolExecutor(8) as threads:
        for number in range(200):
            threads.submit(write_text, tmp_path / str(number % 50), str(number))
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o640}
    assert len(list(tmp_path.iterdir())) == 50, "no litter"
    assert os.umask(0o027) == 0o027, "the process's own is as it was"


def test_the_later_report_of_a_step_counts_and_rewinding_forgets(tmp_path: Path) -> None:
    folder = Ledger(tmp_path).folder("t")
    for point in (_point(0, 1), _point(1, 2), _point(2, 3), _point(1, 9)):
        folder.report(point)
    assert [p.metrics["nce/module_0"] for p in folder.curve()] == [1, 9, 3]
    folder.rewind(1)
    assert [p.step for p in folder.curve()] == [0, 1]
    folder.rewind(-1)
    assert folder.curve() == []


def test_a_trial_reads_back_as_it_was_written(tmp_path: Path) -> None:
    trial = Trial(stage="probe", config=ProbeConfig(), seed=3, corpus_fingerprint="f", upstream="u")
    folder = Ledger(tmp_path).folder(trial.trial_id)
    folder.begin(trial)
    assert folder.trial() == trial
    assert folder.trial().trial_id == folder.trial_id
    assert folder.result() is None
    folder.end(Result(status="failed", reason="no"))
    result = folder.result()
    assert result is not None
    assert not result.is_final
    folder.begin(trial)
    assert folder.result() is None


def test_joining_twice_is_harmless_and_replacing_replaces(tmp_path: Path) -> None:
    study = Ledger(tmp_path).study("s")
    assert study.members() == []
    for member in (_member("a"), _member("b"), _member("a"), _member("a", arm="sim")):
        study.join(member)
    assert [(m.trial_id, m.arm) for m in study.members()] == [
        ("a", "gim"),
        ("b", "gim"),
        ("a", "sim"),
    ]
    study.replace_members([_member("z")])
    assert [m.trial_id for m in study.members()] == ["z"]
    assert Ledger(tmp_path).studies() == ["s"]


def test_proposals_are_kept_as_they_always_were(tmp_path: Path) -> None:
    study = Ledger(tmp_path).study("s")
    assert study.proposals() == []
    settings = {"objective.kld_weight": 1e-05, "model.split": [2, 3], "train.batch_size": 8}
    proposals = [DrawnProposal(search="a", number=n, settings=settings) for n in range(2)]
    for proposal in proposals:
        study.propose(proposal)
    first = (study.path / "proposals.jsonl").read_text(encoding="utf-8").splitlines()[0]
    assert first == (
        '{"search": "a", "number": 0, "settings": '
        '{"objective.kld_weight": 1e-05, "model.split": [2, 3], "train.batch_size": 8}}'
    )
    assert study.proposals() == proposals
    study.forget_proposals()
    study.forget_proposals()
    assert study.proposals() == []


def test_a_lock_excludes_until_it_is_let_go(tmp_path: Path) -> None:
    folder = Ledger(tmp_path).folder("t")
    with folder.lock(), pytest.raises(Busy), folder.lock():
        pass
    with folder.lock():
        pass
