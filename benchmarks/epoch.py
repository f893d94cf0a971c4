"""Section `epoch`: what an epoch of a study's encoder trial spends besides its steps.

The trial is the study's own encoder stage under a shipped space file's settings, on a temporary
ledger; only the epochs are few. Its steps, online probes and checkpoints are timed where the stage
calls them. What is left of an epoch are the batches, the reported means, the curve on disk.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.corpora import real_or_synthetic, synthetic
from benchmarks.measurement import Goal, Measurement
from sim_study.config.method import Method
from sim_study.config.trial import EncoderConfig, Trial
from sim_study.data.corpus import Corpus
from sim_study.downstream.probes.online_probe import OnlineProbe
from sim_study.ledger.ledger import Ledger
from sim_study.space.load import load
from sim_study.space.resolve import resolve
from sim_study.study.run.execute import run_stage
from sim_study.study.stages import encoder_stage
from sim_study.study.stages.bench import Bench
from sim_study.train import loop

REST_GOAL = Goal("at most", 0.02)
PROBE_GOAL = Goal("at most", 0.05)
METHODS: tuple[Method, ...] = ("sim", "gim")


def measure(quick: bool) -> Iterator[Measurement]:
    """Yield the shares of an epoch for the shipped settings, and for a wider encoder."""
    kld = synthetic(64, 16) if quick else synthetic(320, 160)
    name = "64 words" if quick else "320 words"
    epochs = 3 if quick else 6
    for method in METHODS:
        yield from _trial("kld.yaml", method, [], kld, name, epochs)
    if quick:
        return
    wider = ["model.channels=64", "model.context_channels=32", "train.batch_size=64"]
    yield from _trial("kld.yaml", "sim", wider, kld, name, epochs)
    corpus, name = real_or_synthetic()
    yield from _trial("artificial_speech.yaml", "sim", [], corpus, name, epochs)


@dataclass
class Stopwatch:
    """Seconds inside steps, probes and checkpoints since an epoch's report, and by epoch.

    Args:
        inside: By what is timed, in seconds, of the epoch that runs.
        epochs: One such table an epoch; `epoch` is its wall time.
    """

    inside: dict[str, float] = field(default_factory=dict)
    epochs: list[dict[str, float]] = field(default_factory=list)
    began: float = field(default_factory=time.perf_counter)

    def timed(self, name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        """Return `act`, its time counted under `name`."""

        def run(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            result = act(*args, **kwargs)
            self.inside[name] = self.inside.get(name, 0.0) + time.perf_counter() - began
            return result

        return run

    def report(self, *_: object) -> None:
        """Note that an epoch has been reported; its checkpoint counts for the next."""
        now = time.perf_counter()
        self.epochs.append({**self.inside, "epoch": now - self.began})
        self.inside, self.began = {}, now


def _trial(
    space: str, method: Method, overrides: list[str], corpus: Corpus, words: str, epochs: int
) -> Iterator[Measurement]:
    spec, place = load(space, overrides)
    settings: dict[str, Any] = {"objective.kld_weight": 1e-4} if method == "sim" else {}
    shipped = resolve(spec, method, settings, place)
    watch = _run(_short(shipped, epochs), corpus)
    later = watch.epochs[1:]  # the first report is of epoch 0
    epoch = statistics.median(
        part["epoch"] - part.get("probe", 0.0) - part.get("checkpoint", 0.0) for part in later
    )
    rest = statistics.median(
        1 - part["step"] / (part["epoch"] - part.get("probe", 0.0) - part.get("checkpoint", 0.0))
        for part in later
    )
    probe = statistics.median(part["probe"] for part in watch.epochs if "probe" in part)
    checkpoint = statistics.median(part["checkpoint"] for part in later if "checkpoint" in part)
    every = shipped.online_probe.every_epochs
    case = (
        f"{space}, {method}, {shipped.model.channels} channels, batch {shipped.train.batch_size}, "
        f"{words}, probe every {every} epochs"
    )
    for quantity, value, unit, goal in (
        ("epoch", epoch, "s", None),
        ("outside the steps", rest, "fraction", REST_GOAL),
        ("online probe", probe, "s", None),
        ("online probe, of its epochs", probe / (every * epoch), "fraction", PROBE_GOAL),
        ("checkpoint, of its epochs", checkpoint / (every * epoch), "fraction", None),
    ):
        yield Measurement("epoch", case, quantity, value, unit, goal)


def _short(config: EncoderConfig, epochs: int) -> EncoderConfig:
    """Return the configuration with few epochs, every second of them probed."""
    return config.model_copy(
        update={
            "train": config.train.model_copy(update={"epochs": epochs}),
            "online_probe": config.online_probe.model_copy(update={"every_epochs": 2}),
        }
    )


def _run(config: EncoderConfig, corpus: Corpus) -> Stopwatch:
    """Run the encoder stage of a study and return where its time went."""
    watch = Stopwatch()
    trial = Trial(stage="encoder", config=config, seed=0, corpus_fingerprint=corpus.fingerprint)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as patches:
        ledger = Ledger(Path(folder))
        bench = Bench(ledger, ledger.folder(trial.trial_id), corpus, "cpu", watch.report)
        for owner, name, act in (
            (loop, "train_step", "step"),
            (OnlineProbe, "__call__", "probe"),
            (encoder_stage, "write_checkpoint", "checkpoint"),
        ):
            timed = watch.timed(act, getattr(owner, name))
            patches.enter_context(patch.object(owner, name, timed))
        watch.began = time.perf_counter()
        run_stage(trial, bench)
    return watch
