"""Section `compare`: where the time of `python -m analysis.compare` goes, in seconds.

The study is fabricated, as large in trials, metrics and curves as a real one of that many trials;
`whole` is the command itself in a process of its own, imports and all.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from benchmarks.measurement import Goal, Measurement, seconds_of
from sim_study.config.method import Method
from sim_study.config.metrics import MetricsConfig
from sim_study.config.model import ModelConfig
from sim_study.config.probe import ProbeConfig
from sim_study.config.train import ObjectiveConfig, OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig, Trial
from sim_study.ledger.ledger import Ledger
from sim_study.ledger.records import Member, Point, Result

STUDY = "fabricated"
SEEDS = (1, 2, 3)
STAGES = 3
"""Encoder, probe, metrics."""
CASES = ((54, Goal("at most", 6.0)), (2000, Goal("at most", 30.0)))
"""Trials, and how long the command may take: the first is as large as the default study."""

LAYERS = ("module_0", "module_1", "module_2", "context")
TARGETS = {"vowel": 3, "syllable": 9}
"""Labels by target."""
EPOCHS = 50
CLIPS, CHANNELS = 128, 64
SHAPES = ("hoyer", "gini", "effective_dimensions", "top_k_accuracy")
OTHERS = ("mig", "sap", "dci_disentanglement", "dci_completeness", "modularity", "explicitness")
WITH_ARRAYS = 4
"""Configurations of an arm whose probes keep codes and weights; of more, none is shown."""


def measure(quick: bool) -> Iterator[Measurement]:
    """Yield the parts and the whole for a study of the default's size and for a large one."""
    for trials, goal in ((9, None),) if quick else CASES:
        with tempfile.TemporaryDirectory() as name:
            output = Path(name)
            fabricate(output, trials)
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                seconds = process.submit(parts, output).result()
            seconds["whole"] = _command(output)
        for part, value in seconds.items():
            of_part = goal if part == "whole" else None
            yield Measurement("compare", f"{trials} trials", part, value, "s", of_part)


def parts(output: Path) -> dict[str, float]:
    """Do what the command does, a part after the other; seconds by part."""
    laps = [time.perf_counter()]
    from analysis.figures.draw import being_drawn
    from analysis.figures.drawings import drawings
    from analysis.read.study import StudyRecord
    from analysis.read.table import write_parquet
    from analysis.report.html_report import write_report
    from analysis.report.show import comparison_markdown
    from analysis.report.summary import summary
    from analysis.statistics.answer import answer

    laps.append(time.perf_counter())
    study = StudyRecord.read(Ledger(output), STUDY)
    laps.append(time.perf_counter())
    for table in (study.trials, study.metrics, study.curves):
        write_parquet(table, output / "table.parquet")
    laps.append(time.perf_counter())
    found, glance = answer(study), summary(study)
    comparison_markdown(found, glance)
    laps.append(time.perf_counter())
    with being_drawn(list(drawings(found)), output / "figures") as pictures:
        drawn = pictures()
    laps.append(time.perf_counter())
    write_report(output / "report.html", found, glance, drawn)
    laps.append(time.perf_counter())
    names = ("imports", "read", "tables", "statistics", "figures", "report")
    return dict(zip(names, np.diff(laps).tolist(), strict=True))


def fabricate(output: Path, trials: int) -> None:
    """Write a study of gim, an untrained encoder and as many weights of sim as it takes.

    Args:
        output: Where to.
        trials: How many it has, about.
    """
    ledger = Ledger(output)
    weights = np.geomspace(1e-6, 1e-1, max(1, trials // (STAGES * len(SEEDS)) - 2))
    arms: list[tuple[Method, float | None]] = [("gim", None), ("random", None)]
    arms += [("sim", float(weight)) for weight in weights]
    members: list[Member] = []
    best: dict[str, str] = {}
    for index, (arm, weight) in enumerate(arms):
        config = EncoderConfig(
            method=arm,
            model=ModelConfig(channels=CHANNELS, context_channels=CHANNELS),
            objective=ObjectiveConfig(kld_weight=weight or 0.0),
            train=TrainConfig(epochs=EPOCHS),
            online_probe=OnlineProbeConfig(),
        )
        best.setdefault(arm, config.config_hash)
        number = index - arms.index((arm, float(weights[0]))) if arm == "sim" else 0
        for seed in SEEDS:
            members += _replicate(ledger, arm, number, weight, config, seed)
    ledger.study(STUDY).replace_members(members)
    objective = {"metric": "online/vowel/mean", "direction": "maximize"}
    ledger.study(STUDY).write("study.json", {"name": STUDY, "objective": [objective], "best": best})


def _replicate(
    ledger: Ledger, arm: str, number: int, weight: float | None, config: EncoderConfig, seed: int
) -> Iterator[Member]:
    random = np.random.default_rng([seed, number, len(arm)])
    trial_of = partial(Trial, seed=seed, corpus_fingerprint="f" * 16)
    encoder = trial_of(stage="encoder", config=config)
    probe = trial_of(stage="probe", config=ProbeConfig(), upstream=encoder.trial_id)
    metrics = trial_of(stage="metrics", config=MetricsConfig(), upstream=probe.trial_id)
    for trial in (encoder, probe, metrics):
        folder = ledger.folder(trial.trial_id)
        folder.begin(trial)
        values = {key: float(random.random()) for key in _keys(trial.stage)}
        if trial.stage == "encoder":
            for step in range(EPOCHS + 1):
                folder.report(Point(step=step, time_ms=step, metrics=values))
        if trial.stage == "probe" and number < WITH_ARRAYS:
            _write_arrays(folder.path, random)
        folder.end(Result(status="finished", metrics=values, seconds=1.0))
        yield Member(
            trial_id=trial.trial_id,
            arm=arm,
            number=number,
            config_hash=config.config_hash,
            stage=trial.stage,
            seed=seed,
            source=None if trial.stage == "encoder" else encoder.trial_id,
            settings={} if weight is None else {"objective.kld_weight": weight},
        )


def _keys(stage: str) -> list[str]:
    """About as many metrics as a trial of the default study reports."""
    if stage == "encoder":
        return ["online/vowel/mean"] + [
            f"{quantity}/{layer}"
            for quantity in ("nce", "kl_nats", "online/vowel")
            for layer in LAYERS
        ]
    places = [f"{target}/{layer}" for target in TARGETS for layer in LAYERS]
    if stage == "probe":
        protocols = ("probe_accuracy", "probe_interpretability")
        chance = [f"chance/{target}/all" for target in TARGETS]
        return chance + [f"{protocol}/{place}" for protocol in protocols for place in places]
    return [
        f"{quantity}{null}/{place}"
        for quantity in (*SHAPES, *OTHERS)
        for null in ("", "_null", "_null_p95")
        for place in places
    ]


def _write_arrays(folder: Path, random: np.random.Generator) -> None:
    """Codes of test clips and weights of probes, as the probe stage keeps them."""
    codes = {
        f"probe_accuracy/test/{layer}": random.normal(size=(CLIPS, CHANNELS)) for layer in LAYERS
    }
    np.savez(folder / "features.npz", **codes)  # type: ignore[arg-type]
    weights = {
        f"probe_interpretability/{target}/{layer}": random.normal(size=(labels, CHANNELS))
        for target, labels in TARGETS.items()
        for layer in LAYERS
    }
    folder.joinpath("artifacts").mkdir(exist_ok=True)
    np.savez(folder / "artifacts" / "probe_weights.npz", **weights)  # type: ignore[arg-type]


def _command(output: Path) -> float:
    command = [sys.executable, "-m", "analysis.compare", STUDY, "--output", str(output)]
    return seconds_of(partial(subprocess.run, command, check=True, stdout=subprocess.DEVNULL))
