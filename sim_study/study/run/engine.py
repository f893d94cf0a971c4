"""Runs a study: the plan on Ray Tune, results in the ledger, MLflow kept up to date."""

from __future__ import annotations

import contextlib
import os
import shutil
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim_study.data.amounts import amounts_of
from sim_study.data.corpus import Corpus
from sim_study.errors import Problem, UserError
from sim_study.ledger.ledger import Busy, Ledger
from sim_study.ledger.mending import mend
from sim_study.ledger.records import Result
from sim_study.space.batches import check_batches
from sim_study.space.corpus_laws import check_phone_labels
from sim_study.space.spec import Spec
from sim_study.study.forecast.estimate import Estimator, finished_trials
from sim_study.study.forecast.time_left import TimeLeft
from sim_study.study.plan.planned import PlannedTrial
from sim_study.study.run.cluster import connect, slots
from sim_study.study.run.deletion import deletion_lines
from sim_study.study.run.session import Session
from sim_study.study.run.stop import Stopped, StopRequest
from sim_study.study.show.chatter import chatter_to
from sim_study.study.show.journal import journal
from sim_study.study.show.live import watch
from sim_study.study.show.progress import Event
from sim_study.tracking.names import StudyDescription
from sim_study.tracking.projection import Courier, Delivery, Projection
from sim_study.tracking.store import seen_from, tracking_uri

LOG_FILE = "log.txt"
"""What happened in a study, run by run."""
CHATTER_FILE = "chatter.txt"
"""What Ray, MLflow and other libraries print meanwhile."""
WORKER_RETRIES = 2
"""How often a trial whose worker process died is taken up again."""


@dataclass(frozen=True)
class Ending:
    """How a run of the sweep command ended.

    Args:
        complete: Whether nothing is left to run.
        stopped: What stopped it, such as SIGTERM; empty when nothing did.
        fault: What went wrong in the engine itself; nothing is lost.
        troubled: Trials that ended without finishing, and how.
        delivery: What could not be brought up to date in MLflow, and why.
    """

    complete: bool
    stopped: str
    fault: BaseException | None
    troubled: list[tuple[PlannedTrial, Result]]
    delivery: Delivery


def run_study(
    spec: Spec,
    place: str,
    output: Path,
    corpus: Corpus,
    *,
    address: str | None = None,
    fresh: bool = False,
    asked: Sequence[str] = (),
    replace: bool = False,
    agree: Callable[[list[str]], None] = lambda lines: None,
) -> Ending:
    """Run whatever of a study has not been run, and report how it went.

    Args:
        spec: The study.
        place: The space file, for messages.
        output: The output folder; on a cluster it must be shared by all nodes.
        corpus: The prepared corpus.
        address: A Ray cluster; None: this machine.
        fresh: Whether to forget earlier results of the study's trials.
        asked: Words of the command that runs the study, to be recorded.
        replace: Whether finished trials of other settings may leave the study.
        agree: Told what `fresh` would delete, before it does; raises where it may not.

    Raises:
        UserError: Another process runs the study; labels or resources that are not there;
            finished trials would leave it.
        OSError: The output folder cannot be written.
    """
    amounts = amounts_of(corpus)
    check_phone_labels(spec, place, amounts.utterances is not None)
    check_batches(spec, place, amounts)
    ledger = Ledger(output)
    folder = ledger.study(spec.study)
    log = folder.path / LOG_FILE
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(folder.lock())
        except Busy:
            law = "is being run by another process; wait for it, or stop it"
            raise UserError(Problem(str(folder.path), law)) from None
        uri = tracking_uri(spec.tracking.uri, output)
        named = {"name": corpus.name, "fingerprint": corpus.fingerprint}
        mended = mend(folder)
        session = Session(spec, place, ledger, named, fresh=fresh, asked=asked)
        session.check(replace=replace)
        if lines := deletion_lines(ledger, spec.study, session.doomed):
            agree(lines)
        stream = stack.enter_context(chatter_to(folder.path / CHATTER_FILE))
        kept = stack.enter_context(journal(log, session.progress))
        stack.enter_context(watch(session.progress, stream))
        for text in mended:
            session.progress.note(text)
        finished = finished_trials(ledger, spec.study)
        estimator = Estimator(finished, amounts, spec.resources.cpus)
        session.progress.time_left = TimeLeft(estimator, spec.downstream)
        session.open(replace=replace)
        source = seen_from(output, corpus.folder)
        description = StudyDescription(spec.question, corpus.name, corpus.fingerprint, source)
        projection = Projection(ledger, spec.study, uri, description=description)
        courier = Courier(projection, report=kept.write)
        progress = session.progress
        progress.tracking = lambda: _tracking(courier)
        done = f"{progress.ended_count} of them done before; " if progress.ended_count else ""
        progress.note(f"study {spec.study}: {progress.total} trials; {done}log in {log}")
        stop = stack.enter_context(StopRequest(progress.note))
        stopped = ""
        try:
            if session.plan.done:
                courier.start()
            else:
                progress.listeners.append(_starter(courier))
                _fit(session, place, output, corpus, address, stop)
        except Stopped as end:
            stopped = str(end)
        finally:
            delivery = courier.close()
            if session.fault is not None:
                kept.write("fault: " + "".join(traceback.format_exception(session.fault)).strip())
            if delivery.problem:
                kept.write(f"MLflow: {delivery.pending} runs not delivered ({delivery.problem})")
    return Ending(
        complete=session.plan.done,
        stopped=stopped,
        fault=session.fault,
        troubled=session.unfinished(),
        delivery=delivery,
    )


def _starter(courier: Courier) -> Callable[[Event], None]:
    """Start the courier with the first trial: importing MLflow would hold up Ray's own start."""

    def listen(event: Event) -> None:
        if event.kind == "started":
            courier.start()

    return listen


def _tracking(courier: Courier) -> str:
    last = courier.last
    waiting = f"MLflow: {last.pending} runs wait to be delivered ({last.problem})"
    return "" if last.problem is None else waiting


def _fit(
    session: Session,
    place: str,
    output: Path,
    corpus: Corpus,
    address: str | None,
    stop: StopRequest,
) -> None:
    """Let Ray Tune run the plan until nothing is left."""
    import ray  # a study that is already complete does not pay for it
    from ray import tune

    from sim_study.study.run.searcher import PlanSearcher, Watch
    from sim_study.study.run.trainable import run_trial

    resources = session.spec.resources
    storage = session.folder.path / "ray"
    shutil.rmtree(storage, ignore_errors=True)
    try:
        connect(address, stop)
        session.progress.slots = slots(ray.nodes(), resources, place)
        # With a searcher, Tune starts one worker at a time by default.
        os.environ["TUNE_MAX_PENDING_TRIALS_PG"] = str(session.progress.slots)
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
