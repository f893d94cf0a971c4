"""Bringing one run at a time up to date."""

from __future__ import annotations

import time
from collections.abc import Callable, Set

from sim_study.config.identity import content_hash
from sim_study.ledger.records import Point, Result
from sim_study.tracking.delivered import DeliveredRun, DeliveredRuns
from sim_study.tracking.experiment_page import shared_view
from sim_study.tracking.names import (
    configuration_name,
    configuration_of,
    configuration_tags,
    encoder_params,
    is_configuration_key,
    trial_name,
    trial_params,
    trial_tags,
)
from sim_study.tracking.reading import ConfigurationRuns, TrialRun
from sim_study.tracking.writer import Writer

STATUS = {"finished": "FINISHED", "diverged": "FAILED", "failed": "FAILED"}
FAILURE_TAGS = ("reason", "outcome", "mlflow.note.content")
"""What a run that did not finish carries, until it does."""


class Upkeep:
    """Writes to the store what the records do not cover yet, and notes it in the records.

    Args:
        writer: The study's experiment.
        records: What has been delivered; changed in place, after each write.
        tags: Tags of every run of the study.
    """

    def __init__(self, writer: Writer, records: DeliveredRuns, tags: dict[str, str]) -> None:
        self.writer = writer
        self._records = records
        self._tags = tags
        self._settings: dict[str, None] = {}  # keys in the order they came up
        self._metrics: set[str] = set()

    def trial(self, run: TrialRun, configuration: ConfigurationRuns) -> bool:
        """Bring a trial's run up to date; return whether there was anything to write."""
        if not run.is_outstanding(self._records.runs.get(run.key)):
            return False
        done = self._trial_run(run, configuration)
        result = run.result
        if done.status == "FAILED":
            self.writer.untag(done.run_id, FAILURE_TAGS)
        if result is None and done.status != "RUNNING":
            self.writer.status(done.run_id, "RUNNING", 0)
            done.status = "RUNNING"
        fresh = [point for point in run.curve if point.step > done.step]
        if fresh:
            self.writer.points(done.run_id, fresh)
            done.step = fresh[-1].step
        if result is not None:
            self.writer.points(done.run_id, _final_point(run.curve, result))
            self.writer.tags(done.run_id, _result_tags(result))
            self.writer.upload(done.run_id, run.folder.artifacts)
            self.writer.upload(done.run_id, run.folder.checkpoints / "last", "checkpoint")
            self.writer.status(done.run_id, STATUS[result.status], result.ended_ms)
            done.status = STATUS[result.status]
            done.ended_ms = result.ended_ms
            done.result_ns = run.result_ns
        return True

    def configuration(self, configuration: ConfigurationRuns) -> bool:
        """Bring a configuration's own run up to date; return whether it was written to."""
        if not configuration.begun:
            return False
        done = self._configuration_run(configuration)
        numbers = configuration.numbers
        self._settings |= dict.fromkeys(configuration.member.settings)
        self._metrics.update(numbers)
        status = self._status(configuration, done)
        numbers_hash = content_hash(numbers)
        if (numbers_hash, status) == (done.numbers_hash, done.status):
            return False
        ended_ms = max((result.ended_ms for _, result in configuration.results), default=0)
        if numbers:
            # step 0 makes the UI draw bars; of equal steps it shows the latest time's value
            self.writer.points(done.run_id, [Point(step=0, time_ms=ended_ms, metrics=numbers)])
        self.writer.status(done.run_id, status, ended_ms or _now_ms())
        done.status, done.numbers_hash = status, numbers_hash
        return True

    def stop(self) -> None:
        """Mark every run that has not ended as KILLED."""
        for done in self._records.runs.values():
            if done.status == "RUNNING":
                done.stopped_ms = _now_ms()
                self.writer.status(done.run_id, "KILLED", done.stopped_ms)
                done.status = "KILLED"

    def retire(self, keys: Set[str], is_here: Callable[[str], bool]) -> bool:
        """Move runs that the study no longer has to MLflow's bin, from where they can come back.

        Args:
            keys: Of all runs that the study has.
            is_here: Whether this output folder has ever held a trial; the runs of other folders
                that share the store are theirs to retire.

        Returns:
            False: what is left is not written to.
        """
        runs = self._records.runs
        for key in [key for key in runs if key not in keys and not is_configuration_key(key)]:
            if is_here(key.rsplit("/", 1)[-1]):
                self._bin(key)
        if not runs.keys() <= keys:
            used = {one.configuration for key, one in runs.items() if key != one.configuration}
            for key in [key for key in runs if is_configuration_key(key)]:
                if key not in keys and key not in used:
                    self._bin(key)
        return False

    def _bin(self, key: str) -> None:
        self.writer.delete(self._records.runs[key].run_id)
        del self._records.runs[key]

    def page(self) -> bool:
        """Keep the page's columns up to date with what the study searches and measures.

        It writes to no run, and returns False.
        """
        state = shared_view(list(self._settings), self._metrics)
        if self._metrics and state != self._records.page:
            self.writer.page(state)
            self._records.page = state
        return False

    def _trial_run(self, run: TrialRun, configuration: ConfigurationRuns) -> DeliveredRun:
        """Return the trial's run, opened if need be."""
        runs = self._records.runs
        done = runs.get(run.key)
        if done is not None and _is_replaced(done, run.result):
            self.writer.delete(done.run_id)
            done = None
        if done is None:
            # the page draws both levels: configuration, seed, what was asked of the seed
            parent = self._configuration_run(configuration)
            role, method = configuration.role, configuration.encoder.method
            tags = trial_tags(run.member, role, run.trial, method)
            source = runs.get(run.source_key) if run.source_key else None
            if source is not None:
                tags["source_run_id"] = source.run_id
            tags["mlflow.parentRunId"] = (source or parent).run_id
            name = trial_name(run.member, role, run.trial)
            done = self._open(run.key, name, tags, run.began_ms)
        if not done.described:
            self.writer.describe(done.run_id, trial_params(run.trial, configuration.encoder))
            done.described = True
        return done

    def _configuration_run(self, configuration: ConfigurationRuns) -> DeliveredRun:
        """Return the configuration's run, opened if need be."""
        done = self._records.runs.get(configuration.key)
        if done is None:
            member, role = configuration.member, configuration.role
            tags = configuration_tags(member, role, configuration.encoder.method)
            began_ms = min(run.began_ms for run in configuration.begun)
            name = configuration_name(member, role)
            done = self._open(configuration.key, name, tags, began_ms)
        if not done.described:
            self.writer.describe(done.run_id, encoder_params(configuration.encoder))
            done.described = True
        return done

    def _open(self, key: str, name: str, tags: dict[str, str], began_ms: int) -> DeliveredRun:
        run_id = self.writer.create(name, tags | self._tags, began_ms)
        done = DeliveredRun(run_id=run_id, configuration=configuration_of(tags))
        self._records.runs[key] = done
        return done

    def _status(self, configuration: ConfigurationRuns, done: DeliveredRun) -> str:
        if configuration.is_complete:
            finished = any(result.status == "finished" for _, result in configuration.results)
            return "FINISHED" if finished else "FAILED"
        runs = self._records.runs
        lives = any(
            runs[run.key].status == "RUNNING" for run in configuration.begun if run.key in runs
        )
        return "KILLED" if done.status == "KILLED" and not lives else "RUNNING"


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _is_replaced(done: DeliveredRun, result: Result | None) -> bool:
    """Whether a finished trial was run anew, so that its run shows another attempt."""
    if done.status != "FINISHED" or not done.ended_ms:
        return False
    return result is None or result.ended_ms != done.ended_ms


def _final_point(curve: list[Point], result: Result) -> list[Point]:
    """Return the final metrics that the curve's last point does not already show."""
    last = curve[-1] if curve else Point(step=0, time_ms=0, metrics={})
    shown = last.metrics
    metrics = {key: value for key, value in result.metrics.items() if shown.get(key) != value}
    return [Point(step=last.step, time_ms=result.ended_ms, metrics=metrics)] if metrics else []


def _result_tags(result: Result) -> dict[str, str]:
    tags = {f"machine.{key}": value for key, value in result.machine.items()}
    if result.status != "finished":
        note = f"{result.status}: {result.reason}"
        tags |= dict(zip(FAILURE_TAGS, (result.reason, result.status, note), strict=True))
    return tags
