"""Ray's searcher interface over the plan: Ray asks for a trial, the plan names the next one."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from ray.tune import Callback
from ray.tune.search import Searcher

from sim_study.ledger.records import Result
from sim_study.study.plan.planned import PlannedTrial
from sim_study.study.run.session import Session
from sim_study.study.run.stop import Stopped, StopRequest
from sim_study.study.run.trainable import METRIC

FINISHED: str = Searcher.FINISHED


def _nothing(_self: object) -> dict[str, Any]:
    """Pickle nothing: Ray keeps a copy to restore a tuner from; here the ledger restores."""
    return {}


class PlanSearcher(Searcher):  # type: ignore[misc]  # ray has no types we follow
    """Feeds Ray the runnable trials of a plan, whatever their stage.

    Optuna proposes configurations inside the plan; here a configuration is already fanned out
    over its seeds, and Ray sees single trials only.

    Args:
        session: The study in progress.
        task: What every trial gets besides itself (see `trainable.run_trial`).
    """

    def __init__(self, session: Session, task: dict[str, Any]) -> None:
        super().__init__()
        self.session = session
        self.task = task
        self.running: dict[str, PlannedTrial] = {}
        self.errors: dict[str, str] = {}

    def set_search_properties(self, *args: Any, **kwargs: Any) -> bool:
        """Accept whatever metric Ray is given; the plan has objectives of its own."""
        return True

    def suggest(self, trial_id: str) -> dict[str, Any] | str | None:
        """Return the next trial's task; None to wait; FINISHED when nothing is left."""
        if self.session.fault is not None:
            return FINISHED
        planned = None
        with self._fault_ends_the_study():
            planned = self.session.next_trial({p.trial_id for p in self.running.values()})
        if planned is None:
            return None if self.running else FINISHED
        self.running[trial_id] = planned
        return {**self.task, "trial": planned.trial.model_dump(mode="json")}

    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        """Pass progress on."""
        planned = self.running.get(trial_id)
        if planned is not None and "step" in result:
            metrics = {
                key.removeprefix(METRIC): value
                for key, value in result.items()
                if key.startswith(METRIC)
            }
            self.session.progress.reported(planned, result["step"], metrics)

    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        """Read from the ledger how the trial ended; a worker that died could not write it."""
        planned = self.running.pop(trial_id)
        with self._fault_ends_the_study():
            folder = self.session.ledger.folder(planned.trial_id)
            ended = folder.result()
            if ended is None:
                ended = self._unwritten(trial_id, result or {})
                folder.end(ended)
            self.session.ended(planned, ended)

    def _unwritten(self, trial_id: str, last_report: dict[str, Any]) -> Result:
        """Say why a trial that Ray calls ended has no result in the ledger."""
        now = int(time.time() * 1000)
        if "status" in last_report:
            reason = (
                f"it ended on {last_report.get('host')}, but its result is not in "
                f"{self.task['output']}: all nodes must share the output folder"
            )
            return Result(status="failed", by_user=True, reason=reason, ended_ms=now)
        cause = self.errors.get(trial_id, "it was killed, or out of memory")
        return Result(status="failed", reason=f"its worker died: {cause}", ended_ms=now)

    @contextlib.contextmanager
    def _fault_ends_the_study(self) -> Iterator[None]:
        """Keep a fault for the engine to raise: Ray would bury it under messages of its own."""
        try:
            yield
        except Exception as error:
            self.session.fault = self.session.fault or error

    __getstate__ = _nothing

    def save(self, checkpoint_path: str) -> None:
        """Keep nothing: the ledger holds the state."""

    def restore(self, checkpoint_path: str) -> None:
        """Restore nothing: the plan is recomputed from the ledger."""


class Watch(Callback):  # type: ignore[misc]
    """Tells when a trial really starts, and ends the run when the user asks for it.

    Ray asks the searcher for one trial more than it has room for, so that being handed out is
    not yet a start.

    Args:
        searcher: Knows which planned trial a Ray trial is.
        stop: Knows whether a signal has come.
    """

    def __init__(self, searcher: PlanSearcher, stop: StopRequest) -> None:
        self.searcher = searcher
        self.stop = stop

    def on_step_begin(self, iteration: int, trials: list[Any], **info: Any) -> None:
        """Stop between two steps of Ray's loop, several times a second."""
        self.stop.check()
        if self.searcher.session.fault is not None:
            raise Stopped("a fault")

    def on_trial_start(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        """Pass the start on."""
        planned = self.searcher.running.get(trial.trial_id)
        if planned is not None:
            self.searcher.session.progress.started(planned)

    def on_trial_recover(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        """Keep what Ray knows of a worker's death; when the trial ends for it, nobody says."""
        if (error := trial.get_error()) is not None:
            lines = str(error).strip().splitlines()
            why = self.searcher.errors[trial.trial_id] = (
                lines[-1] if lines else type(error).__name__
            )
            planned = self.searcher.running.get(trial.trial_id)
            if planned is not None:
                self.searcher.session.progress.recovered(planned, why)

    on_trial_error = on_trial_recover  # after the last retry

    __getstate__ = _nothing
