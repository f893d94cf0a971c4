"""The Ray Tune trainable: one function for every stage."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from ray import tune

from sim_study.config.trial import Trial

METRIC = "metrics/"
"""What the keys of a report's metrics begin with, among all that Ray adds."""

REPORT_SECONDS = 0.5
"""Ray hears of progress at most this often; every point is in the ledger regardless."""


def run_trial(task: dict[str, Any]) -> None:
    """Run the trial a `task` describes (see `PlanSearcher.suggest`), reporting progress to Ray."""
    # Ray finds this function by its name: only workers, not the driver, pay for importing PyTorch.
    from sim_study.study.run.execute import execute

    heard = 0.0

    def report(step: int, metrics: dict[str, float]) -> None:
        nonlocal heard
        if time.monotonic() - heard >= REPORT_SECONDS:
            heard = time.monotonic()
            # flat, as Ray hands it to a searcher whatever it was given
            tune.report({"step": step} | {METRIC + key: value for key, value in metrics.items()})

    result = execute(
        Trial.model_validate(task["trial"]),
        Path(task["output"]),
        Path(task["corpus_folder"]),
        cpus=task["cpus"],
        device=task["device"],
        report=report,
    )
    tune.report({"status": result.status, "host": result.machine.get("host", "")})
