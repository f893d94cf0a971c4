"""What a trial costs besides its training, early and late in a study of thousands.

Every case runs in a process of its own, so that memory is its own and nothing is warm. Nothing is
trained: results are written at once, and only what the platform does with them is timed.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks.measurement import Goal, Measurement, seconds_of
from benchmarks.trivial_study import (
    Algorithm,
    drive,
    open_session,
    resident_mb,
    run_trivially,
    trivial_spec,
)

SEEDS = 5
FLAT = Goal("at most", 1.5)
TRIAL_SECONDS = 0.5
"""What engine, Ray and tracking may add to a trial, together."""

Numbers = dict[tuple[str, str], float]
"""Values by quantity and unit."""


def measure(quick: bool) -> Iterator[Measurement]:
    """Yield what the driver, Optuna, MLflow and Ray cost a trial."""
    sizes = (100, 400) if quick else (1000, 5000)
    for algorithm in ("grid", "random", "tpe"):
        for trials in sizes:
            yield from _case(f"driver, {algorithm}, {trials} trials", driver, algorithm, trials)
    for proposals in (100, 400) if quick else (100, 1000, 5000):
        yield from _case(f"Optuna, {proposals} proposals", optuna_ask, proposals)
    yield from _case(f"MLflow, {sizes[0]} trials", tracking, sizes[0])  # 5,000 take two minutes
    for trials in sizes:
        yield from _case(f"Ray, {trials} trials", ray_tune, trials)


def driver(algorithm: Algorithm, trials: int) -> Numbers:
    """Plan, propose, hand out, take results; then take the finished study up again."""
    os.fsync = lambda fd: None  # the workers' writes are not timed, but waited for
    spec = trivial_spec(algorithm, trials // SEEDS, SEEDS)
    with _folder() as output:
        before = resident_mb()
        ticks = list(drive(open_session(spec, output)))
        assert len(ticks) == trials
        numbers = _tenths([tick.seconds for tick in ticks])
        numbers["memory of 1,000 trials", "MB"] = (ticks[-1].resident_mb - before) / trials * 1000
        began = time.perf_counter()
        assert open_session(spec, output).plan.done
        numbers["taking up again", "s"] = time.perf_counter() - began
        numbers["summary", "s"] = seconds_of(partial(_summarise, output, spec.study))
    return numbers


def optuna_ask(proposals: int) -> Numbers:
    """One TPE draw after so many proposals, of which all have results."""
    from sim_study.study.plan.sampling import Sampling

    spec = trivial_spec("tpe", proposals, 1)
    drawn = Sampling(spec.search.model_copy(update={"algorithm": "random"}), spec.dimensions)
    asked = Sampling(spec.search, spec.dimensions)
    for number in range(proposals):
        settings = drawn.draw("sim", number)
        asked.add(settings)
        weight, rate = (settings[key] for key in spec.dimensions)
        asked.tell(number, [-abs(float(str(weight)) - 1e-3) - float(str(rate))])
    times = [seconds_of(partial(asked.draw, "sim", seed)) for seed in range(11)]
    return {("ask", "ms"): 1000 * statistics.median(times)}


def tracking(trials: int) -> Numbers:
    """Bring MLflow (a database on disk) up to date, twenty passes in the whole study."""
    from sim_study.tracking.names import StudyDescription
    from sim_study.tracking.projection import Projection
    from sim_study.tracking.store import tracking_uri

    spec = trivial_spec("random", trials // SEEDS, SEEDS)
    description = StudyDescription("", "synthetic-speech", "0123456789abcdef")
    with _folder() as output:
        session = open_session(spec, output)
        uri = tracking_uri(None, output)
        projection = Projection(session.ledger, spec.study, uri, description=description)
        projection.deliver()  # the first pass imports MLflow and makes the database
        of_pass, idle = [], []
        for number, _ in enumerate(drive(session), start=1):
            if number % (trials // 20) == 0:
                of_pass.append(seconds_of(projection.deliver) / (trials // 20))
                idle.append(seconds_of(projection.deliver))
        again = Projection(session.ledger, spec.study, uri, description=description)
        return {
            **_tenths(of_pass),
            ("pass in which nothing happened", "ms"): 1000 * statistics.median(idle),
            ("taking up again", "s"): seconds_of(again.deliver),
        }


def ray_tune(trials: int) -> Numbers:
    """Run the study on Ray, all cores at work; a slot's time for one trial that trains nothing."""
    from sim_study.study.run import engine, trainable
    from sim_study.study.run.stop import StopRequest
    from sim_study.study.show.chatter import chatter_to

    trainable.run_trial = run_trivially
    spec = trivial_spec("random", trials // SEEDS, SEEDS)
    ended: list[float] = []
    with _folder() as output, StopRequest(lambda name: None) as stop:
        session = open_session(spec, output)
        session.progress.listeners.append(
            lambda event: ended.append(time.perf_counter()) if event.kind == "finished" else None
        )
        corpus: Any = SimpleNamespace(folder=output)
        with chatter_to(output / "log.txt"):
            engine._fit(session, "trivial.yaml", output, corpus, None, stop)
        assert len(ended) == trials
    # so many end side by side: each takes its slot for so many times the time between two ends
    slots = session.progress.slots
    return _tenths([slots * (later - earlier) for earlier, later in itertools.pairwise(ended)])


def _case(name: str, work: Callable[..., Numbers], *args: Any) -> Iterator[Measurement]:
    """Run a case in a process of its own and say which goals its numbers have."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        numbers = process.submit(work, *args).result()
    for (quantity, unit), value in numbers.items():
        goal = FLAT if quantity == "last tenth to first" else None
        if quantity == "last tenth" and not name.startswith("driver"):
            goal = Goal("at most", 1000 * TRIAL_SECONDS)
        yield Measurement("scale", name, quantity, value, unit, goal)


def _tenths(seconds: Sequence[float]) -> Numbers:
    """Means of the first and of the last tenth, and their ratio."""
    tenth = max(1, len(seconds) // 10)
    first, last = statistics.fmean(seconds[:tenth]), statistics.fmean(seconds[-tenth:])
    return {
        ("first tenth", "ms"): 1000 * first,
        ("last tenth", "ms"): 1000 * last,
        ("last tenth to first", "x"): last / first,
    }


def _summarise(output: Path, study: str) -> None:
    from analysis.read.study import StudyRecord
    from analysis.report.summary import summary
    from sim_study.ledger.ledger import Ledger

    table = summary(StudyRecord.read(Ledger(output), study))
    table.to_markdown()
    table.to_csv()


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)
