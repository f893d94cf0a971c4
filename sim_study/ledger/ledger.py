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
from sim_study.ledger import damage
from sim_study.ledger.files import append_line, read_lines, write_json, write_text
from sim_study.ledger.joining import MEMBERS_FILE, Joining
from sim_study.ledger.records import DrawnProposal, Member, Point, Result

LOCK_FILE = "lock"
PROPOSALS_FILE = "proposals.jsonl"


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
        """Read what the trial is.

        Raises:
            UserError: The file is damaged, or of another version of the program.
        """
        return damage.read_record(Trial, self.path / "trial.json", damage.TRIAL_ANEW)

    def result(self) -> Result | None:
        """Read how the trial ended; None while it has not.

        Raises:
            UserError: The file is damaged.
        """
        path = self.path / "result.json"
        return damage.read_record(Result, path, damage.RESULT_ANEW) if path.exists() else None

    def curve(self) -> list[Point]:
        """Read every reported point, by step; of a step reported twice, the later report.

        A line that a crash left torn is left out: the trial, taken up again, reports it anew. The
        curve of a trial that has finished has none.

        Raises:
            UserError: The file is damaged.
        """
        path = self.path / "curve.jsonl"
        lines, torn = read_lines(path)
        if torn and (result := self.result()) is not None and result.status == "finished":
            raise damage.damaged(path, damage.torn_words(torn), damage.TRIAL_ANEW)
        by_step = {
            point.step: point for point in damage.records(Point, lines, path, damage.TRIAL_ANEW)
        }
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
        return sorted(path.parent.name for path in root.glob(f"*/{MEMBERS_FILE}"))


class StudyFolder:
    """One study's folder: its members and whatever else its rooms keep there."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def name(self) -> str:
        """The study's name."""
        return self.path.name

    def members(self) -> list[Member]:
        """Read the members in order of joining, each once.

        Raises:
            UserError: The list is damaged.
        """
        path = self.path / MEMBERS_FILE
        lines, torn = read_lines(path)
        if torn or (not lines and path.exists()):
            raise damage.damaged(
                path, damage.torn_words(torn) if torn else "it is empty", damage.MEMBERS_ANEW
            )
        members = damage.records(Member, lines, path, damage.MEMBERS_ANEW)
        return list({(member.trial_id, member.arm): member for member in members}.values())

    def joining(self) -> Joining:
        """Follow the members from the first on."""
        return Joining(self.path / MEMBERS_FILE)

    def join(self, member: Member) -> None:
        """Add a member; joining twice is harmless."""
        append_line(self.path / MEMBERS_FILE, member.model_dump())

    def replace_members(self, members: Iterable[Member]) -> None:
        """Set the members anew, atomically: a changed space file has other trials."""
        text = "".join(f"{member.model_dump_json()}\n" for member in members)
        write_text(self.path / MEMBERS_FILE, text)

    def proposals(self) -> list[DrawnProposal]:
        """Read what the study's searches have drawn, in order.

        Raises:
            UserError: The list is damaged.
        """
        path = self.path / PROPOSALS_FILE
        lines, torn = read_lines(path)
        if torn:
            raise damage.damaged(path, damage.torn_words(torn), damage.PROPOSALS_ANEW)
        return damage.records(DrawnProposal, lines, path, damage.PROPOSALS_ANEW)

    def propose(self, proposal: DrawnProposal) -> None:
        """Add a proposal."""
        append_line(self.path / PROPOSALS_FILE, proposal.model_dump())

    def forget_proposals(self) -> None:
        """Draw anew from now on (`--fresh`)."""
        (self.path / PROPOSALS_FILE).unlink(missing_ok=True)

    def write(self, name: str, content: Any) -> None:
        """Write `content` as JSON beside the members, atomically."""
        write_json(self.path / name, content)

    def write_text(self, name: str, text: str) -> None:
        """Write `text`, which is JSON already, beside the members, atomically."""
        write_text(self.path / name, text)

    def read(self, name: str) -> Any:
        """Read JSON written by `write`; None when there is none.

        Raises:
            UserError: The file is damaged.
        """
        path = self.path / name
        try:
            return json.loads(path.read_bytes()) if path.exists() else None
        except ValueError as error:
            raise damage.damaged(path, error, damage.STUDY_ANEW) from None

    def lock(self) -> contextlib.AbstractContextManager[None]:
        """Hold the study for this process.

        Raises:
            Busy: When another process holds it.
        """
        return _lock(self.path / LOCK_FILE)


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(str(path)) from None
        yield
