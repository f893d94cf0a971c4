"""The probe stage: frozen features and every linear probe on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim_study.checkpoint.store import load_encoder
from sim_study.config.probe import ProbeConfig
from sim_study.config.trial import Trial
from sim_study.data.clips import SPLITS, Clips
from sim_study.downstream.probe_protocols import Features, Probes, protocol_features, run_probes
from sim_study.study.bench import Bench, save_arrays
from sim_study.study.probe_frames import clip_frames, utterance_frames

FEATURES_FILE = "features.npz"
"""What later stages read, so that they need neither encoder nor corpus:

- `{protocol}/{split}/{layer}` (clip, channel), latents averaged over a clip's frames;
- `label/{split}/{factor}` (clip,) and `classes/{factor}`, of those clips;
- `frames/{protocol}/{split}/{layer}` (frame, channel), single frames, at the same times in every
  layer; `frames/{split}/label/{target}` (frame,) where frames have labels of their own.
"""
WEIGHTS_FILE = "probe_weights.npz"


def run_probe(trial: Trial, config: ProbeConfig, bench: Bench) -> dict[str, float]:
    """Fit every probe of an encoder; keep features, weights and class names."""
    encoder = load_encoder(bench.upstream(trial).checkpoints / config.checkpoint)
    clips = {split: bench.corpus.probe_clips(split) for split in SPLITS}
    features = protocol_features(
        encoder,
        clips["train"],
        clips["test"],
        trial.seed,
        bench.device,
        frames=clip_frames(encoder, bench.corpus, trial.seed),
    )
    probes = run_probes(features, clips["train"], clips["test"], config, trial.seed)
    weights = _weights(probes, features, config, clips["train"])
    save_arrays(bench.folder.artifacts / WEIGHTS_FILE, weights)
    frames = utterance_frames(encoder, bench.corpus, trial.seed, bench.device)
    save_arrays(bench.folder.path / FEATURES_FILE, _arrays(features, clips) | frames)
    return probes.metrics


def _arrays(features: Mapping[str, Features], clips: Mapping[Any, Clips]) -> dict[str, Any]:
    arrays: dict[str, Any] = {}
    for protocol, of_protocol in features.items():
        for split, of_layers in (("train", of_protocol.train), ("test", of_protocol.test)):
            arrays |= {f"{protocol}/{split}/{layer}": codes for layer, codes in of_layers.items()}
        for split, of_layers in of_protocol.frames.items():
            start = f"frames/{protocol}/{split}"
            arrays |= {f"{start}/{layer}": codes for layer, codes in of_layers.items()}
    for split, of_split in clips.items():
        for factor, labels in of_split.labels.items():
            arrays[f"label/{split}/{factor}"] = labels
            arrays[f"classes/{factor}"] = np.array(of_split.classes[factor])
    return arrays


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
