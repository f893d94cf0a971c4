"""Reading and writing trials and studies under one output folder."""

from __future__ import annotations

import contextlib
import fcntl
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sim_study.config.trial import Trial
from sim_study.ledger.files import GrowingLines, append_line, read_lines, write_json, write_text
from sim_study.ledger.records import DrawnProposal, Member, Point, Result

LOCK_FILE = "lock"


class Busy(Exception):
    """Somebody else holds the lock."""


class TrialFolder:
    """One trial's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def checkpoints(self) -> Path:
        """Holds `last/` and `best/` of an encoder trial."""
        return self.path / "checkpoint"

    @property
    def artifacts(self) -> Path:
        """Holds figures, sounds, arrays."""
        return self.path / "artifacts"

    @property
    def trial_id(self) -> str:
        """The trial's name."""
        return self.path.name

    def trial(self) -> Trial:
        """Read what the trial is."""
        return Trial.model_validate_json((self.path / "trial.json").read_text(encoding="utf-8"))

    def result(self) -> Result | None:
        """Read how the trial ended; None while it has not."""
        path = self.path / "result.json"
        if not path.exists():
            return None
        return Result.model_validate_json(path.read_text(encoding="utf-8"))

    def curve(self) -> list[Point]:
        """Read every reported point, by step; of a step reported twice, the later report."""
        by_step = {}
        for line in read_lines(self.path / "curve.jsonl"):
            point = Point.model_validate(line)
            by_step[point.step] = point
        return [by_step[step] for step in sorted(by_step)]

    def begin(self, trial: Trial) -> None:
        """Write what the trial is; a failed attempt's result is cleared."""
        write_json(self.path / "trial.json", trial.model_dump(mode="json"))
        (self.path / "result.json").unlink(missing_ok=True)

    def report(self, point: Point) -> None:
        """Append a point to the curve."""
        append_line(self.path / "curve.jsonl", point.model_dump())

    def rewind(self, step: int) -> None:
        """Forget points after `step`, which a resumed trial will report again."""
        path = self.path / "curve.jsonl"
        if path.exists():
            kept = [point for point in self.curve() if point.step <= step]
            write_text(path, "".join(f"{point.model_dump_json()}\n" for point in kept))

    def end(self, result: Result) -> None:
        """Write how the trial ended; from here on it counts as ended."""
        write_json(self.path / "result.json", result.model_dump())

    def clear(self) -> None:
        """Forget the trial (`--fresh`).

        Raises:
            Busy: Another process runs it.
            OSError: The folder cannot be emptied.
        """
        if not self.path.exists():
            return
        with self.lock():
            for path in self.path.iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.name != LOCK_FILE:
                    path.unlink()

    def lock(self) -> contextlib.AbstractContextManager[None]:
        """Hold the trial for this process; another study may want the same trial.

        Raises:
            Busy: When another process holds it.
        """
        return _lock(self.path / LOCK_FILE)


class Ledger:
    """All trials and studies under one output folder."""

    def __init__(self, output: Path) -> None:
        self.output = output
        self._trials = output / "trials"

    def folder(self, trial_id: str) -> TrialFolder:
        """The folder of one trial, whether or not it exists yet."""
        return TrialFolder(self._trials / trial_id)

    def trial_names(self, start: str = "") -> list[str]:
        """Names of the trials that have begun here and whose name begins so, sorted."""
        return sorted(path.parent.name for path in self._trials.glob(f"{start}*/trial.json"))

    def study(self, name: str) -> StudyFolder:
        """The folder of one study, whether or not it exists yet."""
        return StudyFolder(self.output / "studies" / name)

    def studies(self) -> list[str]:
        """Names of the studies that have begun here, sorted."""
        root = self.output / "studies"
        return sorted(path.parent.name for path in root.glob("*/members.jsonl"))


class StudyFolder:
    """One study's folder: its members and whatever else its rooms keep there."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def name(self) -> str:
        """The study's name."""
        return self.path.name

    def members(self) -> list[Member]:
        """Read the members in order of joining, each once."""
        lines = read_lines(self.path / "members.jsonl")
        members = (Member.model_validate(line) for line in lines)
        return list({(member.trial_id, member.arm): member for member in members}.values())

    def joining(self) -> Joining:
        """Follow the members from the first on."""
        return Joining(self.path / "members.jsonl")

    def join(self, member: Member) -> None:
        """Add a member; joining twice is harmless."""
        append_line(self.path / "members.jsonl", member.model_dump())

    def replace_members(self, members: Iterable[Member]) -> None:
        """Set the members anew, atomically: a changed space file has other trials."""
        text = "".join(f"{member.model_dump_json()}\n" for member in members)
        write_text(self.path / "members.jsonl", text)

    def proposals(self) -> list[DrawnProposal]:
        """Read what the study's searches have drawn, in order."""
        lines = read_lines(self.path / "proposals.jsonl")
        return [DrawnProposal.model_validate(line) for line in lines]

    def propose(self, proposal: DrawnProposal) -> None:
        """Add a proposal."""
        append_line(self.path / "proposals.jsonl", proposal.model_dump())

    def forget_proposals(self) -> None:
        """Draw anew from now on (`--fresh`)."""
        (self.path / "proposals.jsonl").unlink(missing_ok=True)

    def write(self, name: str, content: Any) -> None:
        """Write `content` as JSON beside the members, atomically."""
        write_json(self.path / name, content)

    def write_text(self, name: str, text: str) -> None:
        """Write `text`, which is JSON already, beside the members, atomically."""
        write_text(self.path / name, text)

    def read(self, name: str) -> Any:
        """Read JSON written by `write`; None when there is none."""
        path = self.path / name
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def lock(self) -> contextlib.AbstractContextManager[None]:
        """Hold the study for this process.

        Raises:
            Busy: When another process holds it.
        """
        return _lock(self.path / LOCK_FILE)


class Joining:
    """The members of a study as they join, each read once."""

    def __init__(self, path: Path) -> None:
        self._lines = GrowingLines(path)

    def read(self) -> tuple[list[Member], bool]:
        """Return the members since the last call, and whether all are to be taken anew."""
        lines, anew = self._lines.read()
        return [Member.model_validate(line) for line in lines], anew


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(str(path)) from None
        yield
