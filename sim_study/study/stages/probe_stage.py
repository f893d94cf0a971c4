"""The probe stage: frozen features and every linear probe on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim_study.checkpoint.store import load_encoder
from sim_study.config.probe import ProbeConfig
from sim_study.config.trial import Trial
from sim_study.data.clips import SPLITS, Clips, Split
from sim_study.data.corpus import Corpus
from sim_study.downstream.codes.phone_codes import PhoneCodes
from sim_study.downstream.probes.learning_rates import tried_table
from sim_study.downstream.probes.phone_files import write_phone_files
from sim_study.downstream.probes.phone_probe import PhoneProbes, run_phone_probes
from sim_study.downstream.probes.probe_protocols import (
    PHONE,
    Features,
    Probes,
    pooled_targets,
    protocol_features,
    run_probes,
)
from sim_study.errors import Problem, UserError
from sim_study.ledger.files import write_bytes
from sim_study.model.encoder import Encoder
from sim_study.study.stages.bench import Bench, save_arrays
from sim_study.study.stages.probe_frames import clip_frames, utterance_frames
from sim_study.views.probed import FEATURES_FILE, WEIGHTS_FILE

RATES_FILE = "probe_learning_rates.csv"
PHONES_FOLDER = "phones"


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
    metrics, fits = probes.metrics, probes.fits
    if PHONE in config.targets:
        phones = _run_phones(encoder, trial.seed, config, bench)
        weights |= _phone_weights(phones, config, bench.corpus)
        metrics |= phones.metrics
        fits |= phones.probes.fits
    save_arrays(bench.folder.artifacts / WEIGHTS_FILE, weights)
    if any(fit.tried for fit in fits.values()):
        write_bytes(bench.folder.artifacts / RATES_FILE, tried_table(fits).encode())
    frames = utterance_frames(encoder, bench.corpus, trial.seed, bench.device)
    save_arrays(bench.folder.path / FEATURES_FILE, _arrays(features, clips) | frames)
    return metrics


def _run_phones(encoder: Encoder, seed: int, config: ProbeConfig, bench: Bench) -> PhoneProbes:
    """Fit the phone probes and write what a reader wants to see of them."""
    corpus = bench.corpus
    train, test = (_phone_codes(encoder, corpus, split, seed, bench.device) for split in SPLITS)
    groups = corpus.probe_clips("train").groups
    probes = run_phone_probes(train, test, config, seed, clip_groups=groups)
    names = train.utterances.classes[PHONE]
    write_phone_files(bench.folder.artifacts / PHONES_FOLDER, probes.confusions, names)
    return probes


def _phone_codes(
    encoder: Encoder, corpus: Corpus, split: Split, seed: int, device: str
) -> PhoneCodes:
    utterances = corpus.utterances(split)
    if utterances is None:
        raise UserError(Problem(corpus.name, "has no phone labels", "probe.targets", PHONE))
    return PhoneCodes(encoder, utterances, split, seed, device)


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
    arrays = _of_fits(probes)
    for target in pooled_targets(config):
        arrays[f"classes/{target}"] = np.array(clips.classes[target])
    for protocol, of_splits in features.items():
        for layer, codes in of_splits.train.items():
            deviation = np.ones(codes.shape[1]) if config.standardise else codes.std(axis=0)
            arrays[f"deviation/{protocol}/{layer}"] = deviation
    return arrays


def _phone_weights(phones: PhoneProbes, config: ProbeConfig, corpus: Corpus) -> dict[str, Any]:
    """The same of phone probes; frames spread otherwise than clips' means."""
    utterances = corpus.utterances("train")
    assert utterances is not None
    arrays = _of_fits(phones.probes)
    arrays[f"classes/{PHONE}"] = np.array(utterances.classes[PHONE])
    for key, moments in phones.moments.items():
        protocol, layer = key.split("/")
        spread = moments.deviation
        deviation = np.ones(len(spread)) if config.standardise else spread
        arrays[f"deviation/{protocol}/{PHONE}/{layer}"] = deviation
    return arrays


def _of_fits(probes: Probes) -> dict[str, Any]:
    """Weights by `protocol/target/layer`, and the learning rate of a probe that was tuned."""
    arrays: dict[str, Any] = {key: fit.weight for key, fit in probes.fits.items()}
    tried = {key: fit.tried for key, fit in probes.fits.items() if fit.tried is not None}
    return arrays | {f"learning_rate/{key}": np.array(one.chosen) for key, one in tried.items()}
