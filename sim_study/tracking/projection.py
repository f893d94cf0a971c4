"""One study's runs in MLflow, brought up to date with the ledger, in the background.

The sweep never waits for MLflow, and never fails with it.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from sim_study.errors import UserError
from sim_study.ledger.ledger import Ledger
from sim_study.tracking.delivered import DeliveredRuns
from sim_study.tracking.names import StudyDescription, study_tags
from sim_study.tracking.reading import ConfigurationRuns, Reader
from sim_study.tracking.store import without_password

if TYPE_CHECKING:
    from sim_study.tracking.upkeep import Upkeep

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
        self._records = DeliveredRuns.load(self._study, uri, ledger.output)
        self._upkeep: Upkeep | None = None

    def deliver(self) -> Delivery:
        """Bring MLflow up to date; what cannot be delivered now is left to a later pass."""
        try:
            configurations = self._reader.configurations()
        except (OSError, UserError) as error:
            return Delivery(0, 0, f"ledger: {error}")
        try:
            upkeep = self._connected()
        except Exception as error:  # MLflow's stores raise what their drivers raise
            return Delivery(0, self._outstanding(configurations), self._problem(error))
        try:
            return self._pass(upkeep, configurations)
        finally:
            self._records.save(self._study, self._ledger.output)

    def mark_stopped(self) -> str | None:
        """Mark the runs that have not ended as KILLED; return the problem, None when all is well.

        To be called at the end of a command. A later pass reopens a run when its trial goes on.
        """
        try:
            self._connected().stop()
        except Exception as error:
            return self._problem(error)
        finally:
            self._records.save(self._study, self._ledger.output)
        return None

    def _connected(self) -> Upkeep:
        """Return the upkeep; the first success also finds out what the store really holds."""
        if self._upkeep is None:
            # importing MLflow takes 2 s, which a courier's thread can spare
            from sim_study.tracking.upkeep import Upkeep
            from sim_study.tracking.writer import Writer

            output = self._ledger.output
            writer = Writer(self._uri, self._study.name, self._description, output)
            self._records.adopt(writer.experiment_id, writer.runs())
            tags = study_tags(self._study.name, self._description)
            self._upkeep = Upkeep(writer, self._records, tags)
        return self._upkeep

    def _outstanding(self, configurations: list[ConfigurationRuns]) -> int:
        return sum(
            run.is_outstanding(self._records.runs.get(run.key))
            for configuration in configurations
            for run in configuration.trials
        )

    def _pass(self, upkeep: Upkeep, configurations: list[ConfigurationRuns]) -> Delivery:
        delivered = failed = 0
        first_problem: str | None = None
        for configuration, steps in self._steps(upkeep, configurations):
            failed_before = failed
            for step in steps:
                try:
                    delivered += step()
                except Exception as error:  # one unreadable trial must not hold up the others
                    failed += 1
                    first_problem = first_problem or self._problem(error)
                    if not upkeep.writer.answers():
                        pending = self._outstanding(configurations)
                        return Delivery(delivered, pending, first_problem)
            if configuration and configuration.is_complete and failed == failed_before:
                configuration.settle()
        return Delivery(delivered, failed, first_problem)

    def _steps(
        self, upkeep: Upkeep, configurations: list[ConfigurationRuns]
    ) -> Iterator[tuple[ConfigurationRuns | None, list[Callable[[], bool]]]]:
        """Yield what a pass does for each configuration, parents before children; then the page."""
        for configuration in configurations:
            trials = [partial(upkeep.trial, run, configuration) for run in configuration.trials]
            yield configuration, [*trials, partial(upkeep.configuration, configuration)]
        if keys := self._reader.keys:
            yield None, [partial(upkeep.retire, keys, self._is_here)]
        yield None, [upkeep.page]

    def _is_here(self, trial_id: str) -> bool:
        return self._ledger.folder(trial_id).path.is_dir()

    def _problem(self, error: Exception) -> str:
        text = without_password(str(error)) or type(error).__name__
        return f"{without_password(self._uri)}: {text.splitlines()[0][:PROBLEM_LENGTH]}"


class Courier:
    """A daemon thread that delivers every `seconds`; only this thread touches MLflow.

    Args:
        projection: What is delivered.
        seconds: Pause between two passes.
        report: Called, in the courier's thread, with a fault's traceback; for the log file.
    """

    def __init__(
        self,
        projection: Projection,
        seconds: float = 5.0,
        report: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._projection = projection
        self._seconds = seconds
        self._report = report
        self._closing = threading.Event()
        self.last = Delivery(0, 0, None)  # the latest pass's outcome
        self._thread = threading.Thread(target=self._run, name="mlflow-courier", daemon=True)

    def start(self) -> None:
        """Begin delivering, unless it has begun."""
        if self._thread.ident is None:
            self._thread.start()

    def close(self, timeout: float = 60.0) -> Delivery:
        """Make the final pass, mark what has not ended as stopped, and return the outcome.

        Args:
            timeout: Patience, in seconds. A pass that is cut short is made up for by the next run
                of the command.
        """
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(timeout)
        if self._thread.is_alive():
            problem = self.last.problem or f"not done within {timeout:g} s"
            self.last = replace(self.last, problem=problem)
        return self.last

    def _run(self) -> None:
        while not self._closing.is_set():
            self.last = self._pass()
            self._closing.wait(self._seconds)
        last = self._pass()
        try:
            problem = self._projection.mark_stopped()
        except Exception as error:
            problem = self._fault(error)
        self.last = replace(last, problem=last.problem or problem)

    def _pass(self) -> Delivery:
        try:
            return self._projection.deliver()
        except Exception as error:
            return Delivery(0, self.last.pending, self._fault(error))

    def _fault(self, error: Exception) -> str:
        self._report(traceback.format_exc())
        return f"{type(error).__name__}: {error}"
