"""Runs a study: the plan on Ray Tune, results in the ledger, MLflow kept up to date."""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim_study.data.corpus import Corpus
from sim_study.errors import Problem, UserError
from sim_study.ledger.ledger import Busy, Ledger
from sim_study.ledger.records import Result
from sim_study.space.spec import Resources, Spec
from sim_study.study.plan import Planned
from sim_study.study.quiet import chatter_to
from sim_study.study.session import Session
from sim_study.study.stop import Stopped, StopRequest
from sim_study.study.view import watch
from sim_study.tracking.courier import Courier
from sim_study.tracking.description import StudyDescription
from sim_study.tracking.projection import Projection
from sim_study.tracking.store import tracking_uri

LOG_FILE = "log.txt"
WORKER_RETRIES = 2
"""How often a trial whose worker process died is taken up again."""


@dataclass(frozen=True)
class Outcome:
    """How a run of the sweep command ended.

    Args:
        complete: Whether nothing is left to run.
        stopped: The signal's name when the user stopped it, else empty.
        troubled: Trials that ended without finishing, and how.
        pending: Runs that could not be brought up to date in MLflow.
        tracking_problem: Why.
        tracking_uri: Where MLflow keeps the study.
    """

    complete: bool
    stopped: str
    troubled: list[tuple[Planned, Result]]
    pending: int
    tracking_problem: str
    tracking_uri: str


def run_study(
    spec: Spec,
    place: str,
    output: Path,
    corpus: Corpus,
    *,
    address: str | None = None,
    fresh: bool = False,
) -> Outcome:
    """Run whatever of a study has not been run, and report how it went.

    Args:
        spec: The study.
        place: The space file, for messages.
        output: The output folder; on a cluster it must be shared by all nodes.
        corpus: The prepared corpus.
        address: A Ray cluster; None: this machine.
        fresh: Whether to forget earlier results of the study's trials.

    Raises:
        UserError: Another process runs the study; resources that are not there.
        OSError: The output folder cannot be written.
    """
    ledger = Ledger(output)
    folder = ledger.study(spec.study)
    log = folder.path / LOG_FILE
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(folder.lock())
        except Busy:
            law = "is being run by another process; wait for it, or stop it"
            raise UserError(Problem(str(folder.path), law)) from None
        named = {"name": corpus.name, "fingerprint": corpus.fingerprint}
        session = Session(spec, place, ledger, named, fresh=fresh)
        session.open()
        uri = tracking_uri(spec.tracking.uri, output)
        description = StudyDescription(
            spec.question, corpus.name, corpus.fingerprint, str(corpus.folder)
        )
        projection = Projection(ledger, spec.study, uri, description=description)
        stream = stack.enter_context(chatter_to(log))
        courier = Courier(projection, report=lambda text: print(text, flush=True))
        stack.enter_context(watch(session.progress, stream))
        session.progress.note(_opening(session, log))
        courier.start()
        stop = stack.enter_context(StopRequest(lambda name: session.progress.note(_ending(name))))
        try:
            if not session.plan.done:
                _fit(session, output, corpus, address, stop)
        except Stopped:
            pass  # the outcome says so
        finally:
            delivery = courier.close()
    if session.fault is not None:
        raise session.fault
    return Outcome(
        complete=session.plan.done,
        stopped=stop.name,
        troubled=session.unfinished(),
        pending=delivery.pending,
        tracking_problem=delivery.problem or "",
        tracking_uri=uri,
    )


def _opening(session: Session, log: Path) -> str:
    progress = session.progress
    done = f"{progress.ended_count} of them done before; " if progress.ended_count else ""
    return f"study {progress.study}: {progress.total} trials; {done}log in {log}"


def _ending(name: str) -> str:
    return f"{name}: stopping; everything so far is kept"


def _fit(
    session: Session, output: Path, corpus: Corpus, address: str | None, stop: StopRequest
) -> None:
    """Let Ray Tune run the plan until nothing is left."""
    import ray  # a study that is already complete does not pay for it
    from ray import tune

    from sim_study.study.searcher import PlanSearcher, Watch
    from sim_study.study.trainable import run_trial

    resources = session.spec.resources
    storage = session.folder.path / "ray"
    shutil.rmtree(storage, ignore_errors=True)
    try:
        _connect(address)
        stop.listen()
        stop.check()
        session.progress.slots = _slots(ray.cluster_resources(), resources)
        task: dict[str, Any] = {
            "output": str(output.resolve()),
            "corpus_folder": str(corpus.folder.resolve()),
            "cpus": resources.cpus,
            "device": "cuda" if resources.gpus else "cpu",
        }
        demand = {"cpu": resources.cpus, "gpu": resources.gpus}
        searcher = PlanSearcher(session, task)
        tuner = tune.Tuner(
            tune.with_resources(run_trial, demand),
            tune_config=tune.TuneConfig(search_alg=searcher, num_samples=-1, reuse_actors=True),
            run_config=tune.RunConfig(
                name="trials",
                storage_path=str(storage.resolve()),
                verbose=0,
                callbacks=[Watch(searcher, stop)],
                failure_config=tune.FailureConfig(max_failures=WORKER_RETRIES),
            ),
        )
        tuner.fit()
    finally:
        ray.shutdown()
        shutil.rmtree(storage, ignore_errors=True)


def _connect(address: str | None) -> None:
    import ray

    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if address is not None:
        try:
            ray.init(address=address, **quiet)
        except (ConnectionError, RuntimeError, ValueError) as error:
            law = f"no Ray cluster answers there ({error})"
            raise UserError(Problem("--address", law, value=address)) from None
        return
    # RAY_ADDRESS would silently take a local study to a cluster; --address says it aloud.
    os.environ.pop("RAY_ADDRESS", None)
    ray.init(address="local", include_dashboard=False, **quiet)


def _slots(available: dict[str, float], resources: Resources) -> int:
    """How many trials fit at once.

    Raises:
        UserError: Not even one.
    """
    fits = [available.get("CPU", 0) // resources.cpus]
    if resources.gpus:
        fits.append(available.get("GPU", 0) // resources.gpus)
    slots = int(min(fits))
    if slots < 1:
        have = f"{available.get('CPU', 0):g} cpus and {available.get('GPU', 0):g} gpus"
        law = f"one trial does not fit: there are {have}"
        asked = f"cpus {resources.cpus}, gpus {resources.gpus:g}"
        raise UserError(Problem("space file", law, "resources", asked))
    return slots
