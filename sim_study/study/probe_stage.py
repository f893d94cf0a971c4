"""The probe stage: frozen features and every linear probe on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim_study.checkpoint.store import load_encoder
from sim_study.config.probe import ProbeConfig
from sim_study.config.trial import Trial
from sim_study.data.clips import Clips
from sim_study.downstream.probe_protocols import Features, Probes, protocol_features, run_probes
from sim_study.study.bench import Bench, save_arrays

FEATURES_FILE = "features.npz"
WEIGHTS_FILE = "probe_weights.npz"


def run_probe(trial: Trial, config: ProbeConfig, bench: Bench) -> dict[str, float]:
    """Fit every probe of an encoder; keep features, weights and class names."""
    encoder = load_encoder(bench.upstream(trial).checkpoints / config.checkpoint)
    train_clips, test_clips = bench.corpus.probe_clips("train"), bench.corpus.probe_clips("test")
    features = protocol_features(encoder, train_clips, test_clips, trial.seed, bench.device)
    probes = run_probes(features, train_clips, test_clips, config, trial.seed)
    weights = _weights(probes, features, config, train_clips)
    save_arrays(bench.folder.artifacts / WEIGHTS_FILE, weights)
    arrays: dict[str, Any] = {
        f"{protocol}/{split}/{layer}": codes
        for protocol, of_splits in features.items()
        for split, of_layers in (("train", of_splits.train), ("test", of_splits.test))
        for layer, codes in of_layers.items()
    }
    save_arrays(bench.folder.path / FEATURES_FILE, arrays)
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
