"""One study's runs in MLflow, brought up to date with the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sim_study.config.identity import content_hash
from sim_study.ledger.ledger import Ledger
from sim_study.ledger.records import Point, Result
from sim_study.tracking.delivered import Delivered, Records, now_ms
from sim_study.tracking.description import StudyDescription
from sim_study.tracking.names import (
    configuration_name,
    configuration_tags,
    encoder_params,
    study_tags,
    trial_name,
    trial_params,
    trial_tags,
)
from sim_study.tracking.reading import Configuration, Reader, TrialView
from sim_study.tracking.store import artifact_folder, without_password
from sim_study.tracking.summary import over_seeds

if TYPE_CHECKING:
    from sim_study.tracking.writer import Writer

STATUS = {"finished": "FINISHED", "diverged": "FAILED", "failed": "FAILED"}
PROBLEM_LENGTH = 300


@dataclass(frozen=True)
class Delivery:
    """The outcome of one pass.

    Args:
        delivered: Runs written to, of trials and configurations.
        pending: Runs that the ledger knows more about than MLflow.
        problem: Why runs are pending; None when all went well.
    """

    delivered: int
    pending: int
    problem: str | None


class Projection:
    """Shows a study of the ledger in MLflow; one thread at a time may use it.

    Args:
        ledger: The source of truth.
        study: The study's name; the experiment's too.
        uri: The tracking store, from `store.tracking_uri`.
        description: What the experiment page says.
    """

    def __init__(
        self, ledger: Ledger, study: str, uri: str, *, description: StudyDescription
    ) -> None:
        self._ledger = ledger
        self._study = ledger.study(study)
        self._uri = uri
        self._description = description
        self._reader = Reader(ledger, study)
        self._records = Records.load(self._study, uri)
        self._writer: Writer | None = None
        self._common_tags = study_tags(study, description)

    def deliver(self) -> Delivery:
        """Bring MLflow up to date; what cannot be delivered now is left to a later pass."""
        try:
            configurations = self._reader.configurations()
        except (OSError, ValueError) as error:
            return Delivery(0, 0, f"ledger: {error}")
        try:
            writer = self._connected()
        except Exception as error:  # MLflow's stores raise what their drivers raise
            return Delivery(0, self._outstanding(configurations), self._problem(error))
        try:
            return self._pass(writer, configurations)
        finally:
            self._records.save(self._study)

    def mark_stopped(self) -> str | None:
        """Mark the runs that have not ended as KILLED; return the problem, None when all is well.

        To be called at the end of a command. A later pass reopens a run when its trial goes on.
        """
        try:
            writer = self._connected()
            for done in self._records.runs.values():
                if done.status == "RUNNING":
                    done.stopped_ms = now_ms()
                    writer.status(done.run_id, "KILLED", done.stopped_ms)
                    done.status = "KILLED"
        except Exception as error:
            return self._problem(error)
        finally:
            self._records.save(self._study)
        return None

    def _connected(self) -> Writer:
        """Return the writer; the first success also finds out what the store really holds."""
        if self._writer is None:
            from sim_study.tracking.writer import Writer  # importing MLflow takes 2 s

            artifacts = artifact_folder(self._uri, self._ledger.output)
            writer = Writer(self._uri, self._study.name, self._description, artifacts)
            self._records.adopt(writer.experiment_id, writer.runs())
            self._writer = writer
        return self._writer

    def _outstanding(self, configurations: list[Configuration]) -> int:
        return sum(
            view.is_outstanding(self._records.runs.get(view.key))
            for configuration in configurations
            for view in configuration.trials
        )

    def _pass(self, writer: Writer, configurations: list[Configuration]) -> Delivery:
        delivered = failed = 0
        first_problem: str | None = None
        for step in self._steps(writer, configurations):
            try:
                delivered += step()
            except Exception as error:  # one unreadable trial must not hold up the others
                failed += 1
                first_problem = first_problem or self._problem(error)
                if not _answers(writer):
                    pending = self._outstanding(configurations)
                    return Delivery(delivered, pending, first_problem)
        return Delivery(delivered, failed, first_problem)

    def _steps(
        self, writer: Writer, configurations: list[Configuration]
    ) -> Iterator[Callable[[], bool]]:
        """Yield what a pass does; each step returns whether it wrote to a run."""
        for configuration in configurations:
            for view in configuration.trials:
                yield partial(self._deliver_trial, writer, view, configuration)
            yield partial(self._refresh, writer, configuration)

    def _deliver_trial(self, writer: Writer, view: TrialView, configuration: Configuration) -> bool:
        if not view.is_outstanding(self._records.runs.get(view.key)):
            return False
        done = self._trial_run(writer, view, configuration)
        result = view.result
        if result is None and done.status != "RUNNING":
            writer.status(done.run_id, "RUNNING", 0)
            done.status = "RUNNING"
        fresh = [point for point in view.curve if point.step > done.step]
        if fresh:
            writer.points(done.run_id, fresh)
            done.step = fresh[-1].step
        if result is not None:
            writer.points(done.run_id, _final_point(view.curve, result))
            writer.tags(done.run_id, _result_tags(result))
            writer.upload(done.run_id, view.folder.artifacts)
            writer.upload(done.run_id, view.folder.checkpoints / "last", "checkpoint")
            writer.status(done.run_id, STATUS[result.status], result.ended_ms)
            done.status = STATUS[result.status]
            done.ended_ms = result.ended_ms
            done.result_ns = view.result_ns
        return True

    def _trial_run(
        self, writer: Writer, view: TrialView, configuration: Configuration
    ) -> Delivered:
        """Return the trial's run, opened if need be."""
        runs = self._records.runs
        done = runs.get(view.key)
        if done is not None and _is_replaced(done, view.result):
            writer.delete(done.run_id)
            done = None
        if done is None:
            parent = self._configuration_run(writer, configuration)
            tags = trial_tags(view.member, view.role, view.trial, configuration.encoder.method)
            source = runs.get(view.source_key) if view.source_key else None
            if source is not None:
                tags["source_run_id"] = source.run_id
            name = trial_name(view.member, view.role, view.trial)
            done = self._open(writer, view.key, name, tags, view.began_ms, parent.run_id)
        if not done.described:
            writer.describe(done.run_id, trial_params(view.trial, configuration.encoder))
            done.described = True
        return done

    def _configuration_run(self, writer: Writer, configuration: Configuration) -> Delivered:
        """Return the configuration's run, opened if need be."""
        done = self._records.runs.get(configuration.key)
        if done is None:
            member, role = configuration.member, configuration.role
            tags = configuration_tags(member, role, configuration.encoder.method)
            began_ms = min(view.began_ms for view in configuration.begun)
            name = configuration_name(member, role)
            done = self._open(writer, configuration.key, name, tags, began_ms)
        if not done.described:
            writer.describe(done.run_id, encoder_params(configuration.encoder))
            done.described = True
        return done

    def _open(
        self,
        writer: Writer,
        key: str,
        name: str,
        tags: dict[str, str],
        began_ms: int,
        parent: str | None = None,
    ) -> Delivered:
        tags = tags | self._common_tags
        if parent is not None:
            tags["mlflow.parentRunId"] = parent
        done = Delivered(run_id=writer.create(name, tags, began_ms))
        self._records.runs[key] = done
        return done

    def _refresh(self, writer: Writer, configuration: Configuration) -> bool:
        """Bring a configuration's own run up to date."""
        if not configuration.begun:
            return False
        done = self._configuration_run(writer, configuration)
        numbers = over_seeds(configuration.results)
        status = self._status(configuration, done)
        summary = content_hash([numbers, status])
        if summary == done.summary:
            return False
        ended_ms = max((result.ended_ms for _, result in configuration.results), default=0)
        if numbers:
            # step 0 makes the UI draw bars; of equal steps it shows the latest time's value
            writer.points(done.run_id, [Point(step=0, time_ms=ended_ms, metrics=numbers)])
        writer.status(done.run_id, status, ended_ms or now_ms())
        done.status, done.summary = status, summary
        return True

    def _status(self, configuration: Configuration, done: Delivered) -> str:
        if configuration.is_complete:
            finished = any(result.status == "finished" for _, result in configuration.results)
            return "FINISHED" if finished else "FAILED"
        runs = self._records.runs
        lives = any(
            runs[view.key].status == "RUNNING" for view in configuration.begun if view.key in runs
        )
        return "KILLED" if done.status == "KILLED" and not lives else "RUNNING"

    def _problem(self, error: Exception) -> str:
        text = without_password(str(error)) or type(error).__name__
        return f"{without_password(self._uri)}: {text.splitlines()[0][:PROBLEM_LENGTH]}"


def _is_replaced(done: Delivered, result: Result | None) -> bool:
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
        tags |= {"reason": result.reason, "outcome": result.status}
        tags["mlflow.note.content"] = f"{result.status}: {result.reason}"
    return tags


def _answers(writer: Writer) -> bool:
    try:
        writer.check()
    except Exception:
        return False
    return True
