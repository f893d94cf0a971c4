"""Starting up: the verbs, a command's way to its first step, what trials cost besides, estimates.

Everything is timed from outside, in processes of their own, as a user would see it. The corpus is
prepared beforehand except where the case says otherwise.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.measurement import Goal, Measurement, alternate, seconds_of
from sim_study.config.method import Method
from sim_study.data.amounts import Amount, CorpusAmounts
from sim_study.study.forecast.estimate import Estimator

VERBS = (
    "sim_study",
    "sim_study.sweep",
    "sim_study.corpus",
    "sim_study.ui",
    "sim_study.verify",
    "sim_study.metrics",
    "analysis.compare",
    "analysis.latents",
    "analysis.results",
)
SPACE = "kld.yaml"
TRIVIAL = """
study: trivial
question: What does a trial cost that does next to nothing?
corpus: {name: synthetic-speech, train_words: 24, test_words: 12}
arms: [random]
model: {channels: 2, context_channels: 2}
seeds: 1
downstream: {probe: null, metrics: null}
"""
PATIENCE_SECONDS = 120


def measure(quick: bool) -> Iterator[Measurement]:
    """Time `--help`, `--dry-run`, the first step and trivial trials."""
    repeats = 1 if quick else 5
    for verb in VERBS:
        seconds = _median(repeats, partial(_seconds, verb, "--help"))
        yield _number(f"{verb} --help", "time", seconds, Goal("at most", 0.5))
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder)
        arguments = ("--space", SPACE, "--output", str(output))
        dry = _median(repeats, lambda: _seconds("sim_study.sweep", *arguments, "--dry-run"))
        yield _number(f"{SPACE} --dry-run", "time", dry, Goal("at most", 1.5))
        fresh = _median(1 if quick else 3, lambda: _first_step(output, fresh=True))
        yield _number(f"{SPACE}, nothing prepared", "to the first step", fresh, Goal("at most", 15))
        if not quick:
            again = _median(3, lambda: _first_step(output, fresh=False))
            yield _number(f"{SPACE}, corpus prepared", "to the first step", again)
    yield from _trivial(*((4, 12) if quick else (20, 100)))
    methods: tuple[Method, ...] = ("gim", "sim")
    for method in methods:
        for channels in (32, 64):
            ratio = _step_against_estimate(method, channels, 1 if quick else 5)
            case = f"{method}, {channels} channels"
            yield Measurement("start", case, "step / its estimate", ratio, "x")


def _number(case: str, quantity: str, value: float, goal: Goal | None = None) -> Measurement:
    return Measurement("start", case, quantity, value, "s", goal)


def _median(repeats: int, act: Callable[[], float]) -> float:
    return statistics.median(act() for _ in range(repeats))


def _command(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _seconds(module: str, *arguments: str) -> float:
    command = _command(module, *arguments)
    return seconds_of(partial(subprocess.run, command, check=True, stdout=subprocess.DEVNULL))


def _first_step(output: Path, *, fresh: bool) -> float:
    """Time from the command to the report that precedes an encoder's first update, in seconds."""
    for entry in output.iterdir():
        if fresh or entry.name != "corpora":
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    began = time.time()
    command = _command("sim_study.sweep", "--space", SPACE, "--output", str(output))
    sweep = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while time.time() - began < PATIENCE_SECONDS:
            times = [_first_report(path) for path in output.glob("trials/*/curve.jsonl")]
            known = [reported for reported in times if reported is not None]
            if known:
                return min(known) - began
            if sweep.poll() is not None:
                raise RuntimeError(f"the sweep ended early, with code {sweep.returncode}")
            time.sleep(0.05)
        raise RuntimeError(f"no first step within {PATIENCE_SECONDS} s")
    finally:
        sweep.send_signal(signal.SIGTERM)
        sweep.wait()


def _first_report(curve: Path) -> float | None:
    """When a trial first reported, in seconds since the Unix epoch; None while it has not."""
    line, end, _ = curve.read_text(encoding="utf-8").partition("\n")
    return json.loads(line)["time_ms"] / 1000 if end else None


def _trivial(few: int, many: int) -> Iterator[Measurement]:
    """What one trial more costs besides its own time: two studies of different size, subtracted."""
    slots = os.cpu_count() or 1
    costs = {}
    with tempfile.TemporaryDirectory() as folder:
        space = Path(folder) / "trivial.yaml"
        space.write_text(TRIVIAL, encoding="utf-8")
        for trials in (1, few, many):  # the first also prepares the corpus
            arguments = ("--space", str(space), "--output", folder, "--fresh")
            wall = _seconds("sim_study.sweep", *arguments, "--set", f"seeds={trials}")
            results = [
                json.loads(path.read_text(encoding="utf-8"))
                for path in Path(folder).glob("trials/*/result.json")
            ]
            costs[trials] = slots * wall - sum(result["seconds"] for result in results)
    each = (costs[many] - costs[few]) / (many - few)
    case = f"a trial beside others, {slots} at once"
    yield _number(case, "besides its own time", each, Goal("at most", 0.5))
    yield _number(f"a study of {few} trivial trials", "besides its trials", costs[few] / slots)


def _step_against_estimate(method: Method, channels: int, repeats: int) -> float:
    """How long a step takes on one thread, as a multiple of what a dry run expects."""
    import torch

    from benchmarks.step import CLIP_SAMPLES, config_of, our_step

    config = config_of(method, channels)
    batch = config.train.batch_size
    untrained = config.model_copy(update={"method": "random"})
    clips = Amount(batch, CLIP_SAMPLES)
    estimator = Estimator([], CorpusAmounts(clips, clips, clips), 1)
    expected = estimator.encoder(config).seconds - estimator.encoder(untrained).seconds
    expected /= config.train.epochs  # of one step each
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    (seconds,) = alternate([our_step(config)], repeats)
    torch.set_num_threads(threads)
    return seconds / expected
