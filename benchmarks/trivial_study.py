"""A study of which nothing is trained: what remains of it is what the platform itself costs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psutil  # type: ignore[import-untyped]

from sim_study.config.trial import EncoderConfig, Trial
from sim_study.ledger.ledger import Ledger
from sim_study.ledger.records import Result
from sim_study.space.spec import Spec
from sim_study.study.plan.planned import PlannedTrial
from sim_study.study.run.session import Session

CORPUS = {"name": "synthetic-speech", "fingerprint": "0123456789abcdef"}
Algorithm = Literal["grid", "random", "tpe"]

METRICS = 27
"""As many as an encoder trial of the default study reports."""


def trivial_spec(algorithm: Algorithm, configurations: int, seeds: int) -> Spec:
    """A study of one arm with two searched settings and nothing downstream."""
    weight: dict[str, Any] = {"loguniform": [1e-6, 1.0]}
    rate: dict[str, Any] = {"loguniform": [1e-5, 1e-2]}
    space = {"objective.kld_weight": weight, "train.learning_rate": rate}
    if algorithm == "grid":
        weight["points"] = configurations
        del space["train.learning_rate"]
    return Spec.model_validate(
        {
            "study": "trivial",
            "corpus": {"name": CORPUS["name"]},
            "arms": ["sim"],
            "space": space,
            "search": {"algorithm": algorithm, "configurations": configurations},
            "seeds": seeds,
            "downstream": {"probe": None, "metrics": None},
        }
    )


def trivial_result(trial: Trial) -> Result:
    """How a trial ends that trains nothing: at once, best at a KL weight of 0.001."""
    now_ms = int(time.time() * 1000)
    config = trial.config
    assert isinstance(config, EncoderConfig)
    value = 1 / (1 + abs(config.objective.kld_weight - 1e-3))
    metrics = {f"metric_{number}/module_0": float(number) for number in range(METRICS - 1)}
    return Result(
        status="finished",
        metrics={"online/vowel/mean": value, **metrics},
        started_ms=now_ms,
        ended_ms=now_ms,
        machine={"host": "here", "processor": "none", "cores": "0"},
    )


def write_trivially(ledger: Ledger, trial: Trial) -> None:
    """Leave in the ledger what a trial leaves there."""
    folder = ledger.folder(trial.trial_id)
    folder.begin(trial)
    folder.end(trivial_result(trial))


def run_trivially(task: dict[str, Any]) -> None:
    """Take the place of `trainable.run_trial` in a Ray worker."""
    from ray import tune

    trial = Trial.model_validate(task["trial"])
    write_trivially(Ledger(Path(task["output"])), trial)
    tune.report({"status": "finished", "host": ""})


@dataclass(frozen=True)
class Tick:
    """One trial's share of the driver.

    Args:
        seconds: From the trial's end to the start of the next: reading the result, planning on,
            proposing, handing out.
        resident_mb: Memory of the process afterwards, in MB.
    """

    seconds: float
    resident_mb: float


def open_session(spec: Spec, output: Path) -> Session:
    """Begin or take up the study under `output`, as the sweep command does."""
    session = Session(spec, "trivial.yaml", Ledger(output), CORPUS)
    session.open()
    return session


def drive(session: Session, slots: int = 2) -> Iterator[Tick]:
    """Run the study to its end, a tick a trial, as Ray would with `slots` trials at a time."""
    running: list[PlannedTrial] = []
    _fill(session, running, slots)
    while running:
        planned = running.pop(0)
        write_trivially(session.ledger, planned.trial)  # the worker's share
        began = time.perf_counter()
        result = session.ledger.folder(planned.trial.trial_id).result()
        assert result is not None
        session.ended(planned, result)
        _fill(session, running, slots)
        yield Tick(time.perf_counter() - began, resident_mb())


def _fill(session: Session, running: list[PlannedTrial], slots: int) -> None:
    busy = {planned.trial.trial_id for planned in running}
    while len(running) < slots and (planned := session.next_trial(busy)) is not None:
        session.progress.started(planned)
        running.append(planned)
        busy.add(planned.trial.trial_id)


def resident_mb() -> float:
    """Memory of this process that is in use, in MB."""
    return float(psutil.Process().memory_info().rss) / 1024**2
