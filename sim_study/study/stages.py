"""What each stage does with its rooms: from a trial and its upstream to metrics and files."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim_study.checkpoint.store import load_encoder, read_checkpoint, write_checkpoint
from sim_study.config.downstream import DecoderConfig, MetricsConfig, ProbeConfig
from sim_study.config.trial import EncoderConfig, Trial
from sim_study.data.clips import Clips
from sim_study.data.corpus import Corpus
from sim_study.downstream.features import posterior_rates
from sim_study.downstream.online_probe import OnlineProbe
from sim_study.downstream.probe_protocols import (
    ACCURACY,
    INTERPRETABILITY,
    Features,
    Probes,
    protocol_features,
    run_probes,
)
from sim_study.downstream.reconstructions import write_reconstructions
from sim_study.downstream.standardise import standardise
from sim_study.downstream.train_decoder import train_decoder
from sim_study.ledger.files import write_bytes
from sim_study.ledger.ledger import Ledger, TrialFolder
from sim_study.ledger.records import Point
from sim_study.metrics.contract import Sample
from sim_study.metrics.evaluate import evaluate, evaluate_probe_weights
from sim_study.model.encoder import build_encoder
from sim_study.train.loop import train
from sim_study.train.state import TrainState

FEATURES_FILE = "features.npz"
WEIGHTS_FILE = "probe_weights.npz"

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


def run_stage(trial: Trial, bench: Bench) -> dict[str, float]:
    """Run a trial's stage and return its final metrics.

    Raises:
        Diverged: A loss became NaN or infinite.
        UserError: A checkpoint is damaged, or the trial does not fit its upstream.
    """
    config = trial.config
    if isinstance(config, EncoderConfig):
        return _encoder(trial, config, bench)
    if isinstance(config, ProbeConfig):
        return _probe(trial, config, bench)
    if isinstance(config, DecoderConfig):
        return _decoder(trial, config, bench)
    return _metrics(trial, config, bench)


def _encoder(trial: Trial, config: EncoderConfig, bench: Bench) -> dict[str, float]:
    words = bench.corpus.words("train")
    probe = OnlineProbe(bench.corpus.syllables("train"), config.online_probe, device=bench.device)
    objective = f"online/{config.online_probe.target}/mean"
    last, best = bench.folder.checkpoints / "last", bench.folder.checkpoints / "best"
    resume = read_checkpoint(last).state if last.exists() else None
    bench.folder.rewind(resume.epoch if resume else -1)
    best_value = read_checkpoint(best).metrics[objective] if resume and best.exists() else None

    def save(state: TrainState, metrics: dict[str, float]) -> None:
        nonlocal best_value
        folders = [last]
        if best_value is None or metrics[objective] > best_value:
            best_value = metrics[objective]
            folders.insert(0, best)  # a crash after `last` would never offer this epoch again
        for folder in folders:
            write_checkpoint(
                folder,
                state,
                config,
                trial.seed,
                metrics,
                corpus_fingerprint=trial.corpus_fingerprint,
            )

    train(
        build_encoder(config, trial.seed),
        words.samples,
        config,
        trial.seed,
        report=bench.record,
        save=save,
        probe=probe,
        resume=resume,
        device=bench.device,
    )
    final = read_checkpoint(last).metrics
    encoder = load_encoder(last)
    # Training clips: these values may be objectives of the search, which must not see test clips.
    clips = bench.corpus.syllables("train")
    return final | posterior_rates(encoder, clips.samples, device=bench.device)


def _probe(trial: Trial, config: ProbeConfig, bench: Bench) -> dict[str, float]:
    encoder = load_encoder(_upstream(trial, bench).checkpoints / config.checkpoint)
    train_clips, test_clips = bench.corpus.syllables("train"), bench.corpus.syllables("test")
    features = protocol_features(encoder, train_clips, test_clips, trial.seed, bench.device)
    probes = run_probes(features, train_clips, test_clips, config, trial.seed)
    weights = _weights(probes, features, config, train_clips)
    _save_arrays(bench.folder.artifacts / WEIGHTS_FILE, weights)
    arrays: dict[str, Any] = {
        f"{protocol}/{split}/{layer}": codes
        for protocol, of_splits in features.items()
        for split, of_layers in (("train", of_splits.train), ("test", of_splits.test))
        for layer, codes in of_layers.items()
    }
    _save_arrays(bench.folder.path / FEATURES_FILE, arrays)
    return probes.metrics


def _weights(
    probes: Probes, features: Mapping[str, Features], config: ProbeConfig, clips: Clips
) -> dict[str, Any]:
    """Everything that is needed to draw the weights: them, class names, spread of the features."""
    arrays: dict[str, Any] = {key: fit.weight for key, fit in probes.fits.items()}
    arrays |= {f"classes/{target}": np.array(clips.classes[target]) for target in config.targets}
    for protocol, of_splits in features.items():
        for layer, codes in of_splits.train.items():
            deviation = np.ones(codes.shape[1]) if config.standardise else codes.std(axis=0)
            arrays[f"deviation/{protocol}/{layer}"] = deviation
    return arrays


def _decoder(trial: Trial, config: DecoderConfig, bench: Bench) -> dict[str, float]:
    encoder = load_encoder(_upstream(trial, bench).checkpoints / config.checkpoint)
    bench.folder.rewind(-1)
    fit = train_decoder(
        encoder,
        bench.corpus.words("train"),
        bench.corpus.words("test"),
        config,
        trial.seed,
        report=bench.record,
        device=bench.device,
    )
    write_reconstructions(bench.folder.artifacts, fit.sound_ids, fit.originals, fit.reconstructions)
    return fit.metrics


def _metrics(trial: Trial, config: MetricsConfig, bench: Bench) -> dict[str, float]:
    probe_folder = _upstream(trial, bench)
    probe = probe_folder.trial()
    assert isinstance(probe.config, ProbeConfig)
    train_clips, test_clips = bench.corpus.syllables("train"), bench.corpus.syllables("test")
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


def _save_arrays(path: Path, arrays: dict[str, Any]) -> None:
    """Write arrays as NumPy's `.npz`, atomically: the result that follows vouches for them."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    write_bytes(path, buffer.getvalue())


def _upstream(trial: Trial, bench: Bench) -> TrialFolder:
    assert trial.upstream is not None, f"a {trial.stage} trial has an upstream"
    return bench.ledger.folder(trial.upstream)


def _at(place: str, metrics: dict[str, float]) -> dict[str, float]:
    """Append a layer, or target and layer, to every key."""
    return {f"{key}/{place}": value for key, value in metrics.items()}
