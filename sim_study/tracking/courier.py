"""Delivery in the background: the sweep never waits for MLflow, and never fails with it."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from dataclasses import replace

from sim_study.tracking.projection import Delivery, Projection


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
