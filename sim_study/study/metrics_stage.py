"""The metrics stage: how entangled the codes are that a probe trial has kept."""

from __future__ import annotations

import numpy as np

from sim_study.config.metrics import MetricsConfig
from sim_study.config.probe import ProbeConfig
from sim_study.config.trial import Trial
from sim_study.downstream.probe_protocols import ACCURACY, INTERPRETABILITY
from sim_study.downstream.standardise import standardise
from sim_study.metrics.contract import Sample
from sim_study.metrics.evaluate import evaluate, evaluate_probe_weights
from sim_study.study.bench import Bench
from sim_study.views.probed import FEATURES_FILE, WEIGHTS_FILE


def run_metrics(trial: Trial, config: MetricsConfig, bench: Bench) -> dict[str, float]:
    """Measure how entangled every layer's code is."""
    probe_folder = bench.upstream(trial)
    probe = probe_folder.trial()
    assert isinstance(probe.config, ProbeConfig)
    train_clips, test_clips = bench.corpus.probe_clips("train"), bench.corpus.probe_clips("test")
    classes: dict[str, tuple[str, ...]] = {f: train_clips.classes[f] for f in config.factors}
    train_factors = {factor: train_clips.labels[factor] for factor in classes}
    test_factors = {factor: test_clips.labels[factor] for factor in classes}
    metrics: dict[str, float] = {}
    with (
        np.load(probe_folder.path / FEATURES_FILE) as features,
        np.load(probe_folder.artifacts / WEIGHTS_FILE) as weights,
    ):
        start = f"{ACCURACY}/train/"
        for layer in [key.removeprefix(start) for key in features if key.startswith(start)]:
            means = [features[f"{ACCURACY}/{split}/{layer}"] for split in ("train", "test")]
            sample = Sample(means[0], means[1], train_factors, test_factors, classes)
            metrics |= _at(layer, evaluate(sample, config, trial.seed))
            if "probe_weights" not in config.names:
                continue
            drawn = [features[f"{INTERPRETABILITY}/{split}/{layer}"] for split in ("train", "test")]
            if probe.config.standardise:  # the weights belong to what the probe saw
                drawn = [*standardise(*drawn)]
            for target in probe.config.targets:
                found = evaluate_probe_weights(
                    weights[f"{INTERPRETABILITY}/{target}/{layer}"],
                    None,
                    drawn[0],
                    train_clips.labels[target],
                    drawn[1],
                    test_clips.labels[target],
                    seed=trial.seed,
                    permutations=config.permutations,
                    probe=probe.config,
                )
                metrics |= _at(f"{target}/{layer}", found)
    return metrics


def _at(place: str, metrics: dict[str, float]) -> dict[str, float]:
    """Append a layer, or target and layer, to every key."""
    return {f"{key}/{place}": value for key, value in metrics.items()}
