"""What the ledger holds of a study, arranged as the runs that MLflow shall show."""

from __future__ import annotations

import statistics
from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sim_study.config.trial import STAGES, EncoderConfig, Trial
from sim_study.ledger.ledger import Ledger, TrialFolder
from sim_study.ledger.records import Member, Point, Result, Role
from sim_study.tracking.delivered import DeliveredRun
from sim_study.tracking.names import configuration_key, trial_key


class TrialRun:
    """One member's trial, read when asked for.

    Args:
        member: The trial's place in the study.
        folder: The trial's folder.
    """

    def __init__(self, member: Member, folder: TrialFolder) -> None:
        self.member = member
        self.folder = folder
        # modification times of trial.json and result.json, 0 where there is none
        self.begun_ns = self.result_ns = 0

    def look(self) -> None:
        """Look whether files are there, unless the trial had ended; they are read when asked for.

        What changes between look and reading counts as changed in the next pass.
        """
        if not self.result_ns:
            self.forget()
            self.begun_ns = _modified_ns(self.folder.path / "trial.json")
            if self.begun_ns:
                self.result_ns = _modified_ns(self.folder.path / "result.json")

    @property
    def key(self) -> str:
        """Key of the trial's run."""
        return trial_key(self.member.arm, self.member.trial_id)

    @property
    def source_key(self) -> str | None:
        """Key of the run of the encoder that this trial examines; None for an encoder."""
        return trial_key(self.member.arm, self.member.source) if self.member.source else None

    @cached_property
    def trial(self) -> Trial:
        """What the trial is."""
        return self.folder.trial()

    @cached_property
    def result(self) -> Result | None:
        """How the trial ended; None while it has not."""
        return self.folder.result() if self.result_ns else None

    @cached_property
    def curve(self) -> list[Point]:
        """Every reported point, by step."""
        return self.folder.curve()

    @property
    def began_ms(self) -> int:
        """When the trial began, as far as its records tell, in ms since the Unix epoch."""
        moments = [point.time_ms for point in self.curve[:1]]
        if self.result is not None and self.result.started_ms:
            moments.append(self.result.started_ms)
        return min([*moments, self.begun_ns // 1_000_000])

    def forget(self) -> None:
        """Give up what has been read; it is read again when asked for."""
        for name in ("trial", "result", "curve"):
            self.__dict__.pop(name, None)

    def is_outstanding(self, done: DeliveredRun | None) -> bool:
        """Whether the ledger holds something of this trial that `done` does not cover."""
        if not self.begun_ns:
            return False  # it waits for its turn: nothing to show yet
        if done is None:
            return True
        if self.result_ns:
            return done.result_ns != self.result_ns or done.status in {"RUNNING", "KILLED"}
        if done.status == "KILLED":
            moments = [self.begun_ns // 1_000_000, *(point.time_ms for point in self.curve)]
            return max(moments) > done.stopped_ms
        if done.status != "RUNNING":
            return True  # it is tried again
        return any(point.step > done.step for point in self.curve)


@dataclass
class ConfigurationRuns:
    """One configuration under one role, with all its trials, encoders first.

    Args:
        key: Key of its run.
        role: search or confirm.
        trials: As the latest pass saw them.
        is_settled: Whether everything there is to deliver has been delivered.
    """

    key: str
    role: str
    trials: list[TrialRun] = field(default_factory=list)
    is_settled: bool = False
    _numbers: dict[str, float] = field(default_factory=dict)
    _numbers_of: list[int] = field(default_factory=list)

    @property
    def member(self) -> Member:
        """The member that stands for all: arm, number and settings are common to them."""
        return self.trials[0].member

    @property
    def begun(self) -> list[TrialRun]:
        """Trials that have something to show."""
        return [run for run in self.trials if run.begun_ns]

    @property
    def is_complete(self) -> bool:
        """Whether every trial has a result."""
        return all(run.result_ns for run in self.trials)

    @property
    def results(self) -> list[tuple[Member, Result]]:
        """Every result, with its member."""
        return [(run.member, run.result) for run in self.trials if run.result is not None]

    @property
    def numbers(self) -> dict[str, float]:
        """Mean, spread and n over the seeds; computed anew when another trial has ended."""
        ended = [run.result_ns for run in self.trials]
        if ended != self._numbers_of:
            self._numbers, self._numbers_of = over_seeds(self.results), ended
        return self._numbers

    @cached_property
    def encoder(self) -> EncoderConfig:
        """The resolved encoder configuration.

        Raises:
            LookupError: When no encoder of it has begun.
        """
        for run in self.begun:
            config = run.trial.config
            if isinstance(config, EncoderConfig):
                return config
        raise LookupError(f"no encoder of configuration {self.key} has begun")

    def settle(self) -> None:
        """Take note that all is delivered; what has been read goes from memory."""
        self.is_settled = True
        for run in self.trials:
            run.forget()


def over_seeds(results: Iterable[tuple[Member, Result]]) -> dict[str, float]:
    """Return mean, spread and n over the finished seeds of a configuration.

    Args:
        results: Every ended trial of the configuration with its result.

    Returns:
        For each final metric its mean under its own key and, from two seeds on, its sample
        standard deviation under `<key>_sd`; `n_seeds`, the finished encoders; `n_seeds/<stage>`
        for every later stage that has finished trials. Failed trials lower n, visibly.
    """
    finished = [(member, result) for member, result in results if result.status == "finished"]
    numbers: dict[str, float] = {}
    for stage in STAGES:
        of_stage = [(member, result) for member, result in finished if member.stage == stage]
        seeds = {member.seed for member, _ in of_stage}
        values: dict[str, list[float]] = {}
        for _, result in of_stage:
            for key, value in result.metrics.items():
                values.setdefault(key, []).append(value)
        for key, sample in values.items():
            numbers[key] = statistics.fmean(sample)
            numbers.pop(f"{key}_sd", None)
            if len(sample) > 1:
                numbers[f"{key}_sd"] = statistics.stdev(sample)
        if stage == "encoder":
            numbers["n_seeds"] = len(seeds)
        elif seeds:
            numbers[f"n_seeds/{stage}"] = len(seeds)
    return numbers


class Reader:
    """Reads a study pass after pass.

    A member is read once; a trial is looked at in every pass until it has ended; a configuration
    is returned until it is settled. Another attempt at a trial that has ended, which only another
    run of a command can make, is seen by the next run of this study's command.

    Args:
        ledger: The ledger.
        study: The study's name.
    """

    def __init__(self, ledger: Ledger, study: str) -> None:
        self._ledger = ledger
        self._joining = ledger.study(study).joining()
        self._roles: dict[tuple[str, str], Role] = {}  # by arm and encoder
        self._found: dict[str, ConfigurationRuns] = {}

    def configurations(self) -> list[ConfigurationRuns]:
        """Return the study's unsettled configurations in order of joining."""
        members, anew = self._joining.read()
        if anew:
            self._roles.clear()
            self._found.clear()
        self._roles |= {(m.arm, m.trial_id): m.role for m in members if m.stage == "encoder"}
        for member in members:
            self._join(member)
        unsettled = [found for found in self._found.values() if not found.is_settled]
        for configuration in unsettled:
            for run in configuration.trials:
                run.look()
        return unsettled

    @property
    def keys(self) -> set[str]:
        """Keys of all runs that the study has, settled or not."""
        trials = (run.key for found in self._found.values() for run in found.trials)
        return {*self._found, *trials}

    def _join(self, member: Member) -> None:
        role = self._roles.get((member.arm, member.source or ""), member.role)
        key = configuration_key(member.arm, member.config_hash, role)
        configuration = self._found.setdefault(key, ConfigurationRuns(key, role))
        run = TrialRun(member, self._ledger.folder(member.trial_id))
        if all(known.key != run.key for known in configuration.trials):
            insort(configuration.trials, run, key=lambda run: STAGES.index(run.member.stage))
            configuration.is_settled = False


def _modified_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
