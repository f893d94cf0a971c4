"""Bringing one run at a time up to date."""

from __future__ import annotations

from sim_study.config.identity import content_hash
from sim_study.ledger.records import Point, Result
from sim_study.tracking.delivered import DeliveredRun, DeliveredRuns, now_ms
from sim_study.tracking.experiment_page import shared_view
from sim_study.tracking.names import (
    configuration_name,
    configuration_tags,
    encoder_params,
    trial_name,
    trial_params,
    trial_tags,
)
from sim_study.tracking.reading import ConfigurationRuns, TrialView
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
        self._writer = writer
        self._records = records
        self._tags = tags
        self._settings: dict[str, None] = {}  # keys in the order they came up
        self._metrics: set[str] = set()

    def trial(self, view: TrialView, configuration: ConfigurationRuns) -> bool:
        """Bring a trial's run up to date; return whether there was anything to write."""
        if not view.is_outstanding(self._records.runs.get(view.key)):
            return False
        done = self._trial_run(view, configuration)
        result = view.result
        if done.status == "FAILED":
            self._writer.untag(done.run_id, FAILURE_TAGS)
        if result is None and done.status != "RUNNING":
            self._writer.status(done.run_id, "RUNNING", 0)
            done.status = "RUNNING"
        fresh = [point for point in view.curve if point.step > done.step]
        if fresh:
            self._writer.points(done.run_id, fresh)
            done.step = fresh[-1].step
        if result is not None:
            self._writer.points(done.run_id, _final_point(view.curve, result))
            self._writer.tags(done.run_id, _result_tags(result))
            self._writer.upload(done.run_id, view.folder.artifacts)
            self._writer.upload(done.run_id, view.folder.checkpoints / "last", "checkpoint")
            self._writer.status(done.run_id, STATUS[result.status], result.ended_ms)
            done.status = STATUS[result.status]
            done.ended_ms = result.ended_ms
            done.result_ns = view.result_ns
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
        summary = content_hash(numbers)
        if (summary, status) == (done.summary, done.status):
            return False
        ended_ms = max((result.ended_ms for _, result in configuration.results), default=0)
        if numbers:
            # step 0 makes the UI draw bars; of equal steps it shows the latest time's value
            self._writer.points(done.run_id, [Point(step=0, time_ms=ended_ms, metrics=numbers)])
        self._writer.status(done.run_id, status, ended_ms or now_ms())
        done.status, done.summary = status, summary
        return True

    def store_answers(self) -> bool:
        """Whether the store can be reached."""
        try:
            self._writer.check()
        except Exception:  # whatever the store's driver raises
            return False
        return True

    def stop(self) -> None:
        """Mark every run that has not ended as KILLED."""
        for done in self._records.runs.values():
            if done.status == "RUNNING":
                done.stopped_ms = now_ms()
                self._writer.status(done.run_id, "KILLED", done.stopped_ms)
                done.status = "KILLED"

    def page(self) -> bool:
        """Keep the page's columns up to date with what the study searches and measures.

        It writes to no run, and returns False.
        """
        state = shared_view(list(self._settings), self._metrics)
        if self._metrics and state != self._records.view:
            self._writer.view(state)
            self._records.view = state
        return False

    def _trial_run(self, view: TrialView, configuration: ConfigurationRuns) -> DeliveredRun:
        """Return the trial's run, opened if need be."""
        runs = self._records.runs
        done = runs.get(view.key)
        if done is not None and _is_replaced(done, view.result):
            self._writer.delete(done.run_id)
            done = None
        if done is None:
            # the page draws both levels: configuration, seed, what was asked of the seed
            parent = self._configuration_run(configuration)
            tags = trial_tags(view.member, view.role, view.trial, configuration.encoder.method)
            source = runs.get(view.source_key) if view.source_key else None
            if source is not None:
                tags["source_run_id"] = source.run_id
                parent = source
            name = trial_name(view.member, view.role, view.trial)
            done = self._open(view.key, name, tags, view.began_ms, parent.run_id)
        if not done.described:
            self._writer.describe(done.run_id, trial_params(view.trial, configuration.encoder))
            done.described = True
        return done

    def _configuration_run(self, configuration: ConfigurationRuns) -> DeliveredRun:
        """Return the configuration's run, opened if need be."""
        done = self._records.runs.get(configuration.key)
        if done is None:
            member, role = configuration.member, configuration.role
            tags = configuration_tags(member, role, configuration.encoder.method)
            began_ms = min(view.began_ms for view in configuration.begun)
            name = configuration_name(member, role)
            done = self._open(configuration.key, name, tags, began_ms)
        if not done.described:
            self._writer.describe(done.run_id, encoder_params(configuration.encoder))
            done.described = True
        return done

    def _open(
        self,
        key: str,
        name: str,
        tags: dict[str, str],
        began_ms: int,
        parent: str | None = None,
    ) -> DeliveredRun:
        tags = tags | self._tags
        if parent is not None:
            tags["mlflow.parentRunId"] = parent
        done = DeliveredRun(run_id=self._writer.create(name, tags, began_ms))
        self._records.runs[key] = done
        return done

    def _status(self, configuration: ConfigurationRuns, done: DeliveredRun) -> str:
        if configuration.is_complete:
            finished = any(result.status == "finished" for _, result in configuration.results)
            return "FINISHED" if finished else "FAILED"
        runs = self._records.runs
        lives = any(
            runs[view.key].status == "RUNNING" for view in configuration.begun if view.key in runs
        )
        return "KILLED" if done.status == "KILLED" and not lives else "RUNNING"


def _is_replaced(done: DeliveredRun, result: Result | None) -> bool:
    """Whether a finished trial was run anew, so that its run shows another attempt."""
    if done.status != "FINISHED" or not done.ended_ms:
        return False
    return result is None or result.ended_ms != done.ended_ms


def _final_point(curve: list[Point], result: Result) -> list[Point]:
    """Return the final metrics that the curve's last point does not already show."""
    last = curve[-1] if curve else None
    shown = last.metrics if last is not None else {}
    metrics = {key: value for key, value in result.metrics.items() if shown.get(key) != value}
    step = last.step if last is not None else 0
    return [Point(step=step, time_ms=result.ended_ms, metrics=metrics)] if metrics else []


def _result_tags(result: Result) -> dict[str, str]:
    tags = {f"machine.{key}": value for key, value in result.machine.items()}
    if result.status != "finished":
        note = f"{result.status}: {result.reason}"
        tags |= dict(zip(FAILURE_TAGS, (result.reason, result.status, note), strict=True))
    return tags
