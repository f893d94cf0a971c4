"""Where a trial works: its folder, its corpus, the trials it builds on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sim_study.config.trial import Trial
from sim_study.data.corpus import Corpus
from sim_study.ledger.ledger import Ledger, TrialFolder
from sim_study.ledger.records import Point

Report = Callable[[int, dict[str, float]], None]


@dataclass(frozen=True)
class Bench:
    """Where a trial works.

    Args:
        ledger: Finds upstream trials.
        folder: The trial's own folder.
        corpus: The prepared corpus.
        device: "cpu" or "cuda".
        report: Called with every (step, metrics) after it is in the curve.
    """

    ledger: Ledger
    folder: TrialFolder
    corpus: Corpus
    device: str
    report: Report

    def record(self, step: int, metrics: dict[str, float]) -> None:
        """Append a point to the trial's curve, then report it."""
        point = Point(step=step, time_ms=int(time.time() * 1000), metrics=metrics)
        self.folder.report(point)
        self.report(step, metrics)

    def upstream(self, trial: Trial) -> TrialFolder:
        """Return the folder of the trial that this one starts from."""
        assert trial.upstream is not None, f"a {trial.stage} trial has an upstream"
        return self.ledger.folder(trial.upstream)
