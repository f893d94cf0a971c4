"""The probe stage: frozen features and every linear probe on them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim_study.checkpoint.store import load_encoder
from sim_study.config.probe import ProbeConfig
from sim_study.config.trial import Trial
from sim_study.data.clips import SPLITS, Clips, Split
from sim_study.data.corpus import Corpus
from sim_study.downstream.codes.protocols import Features, protocol_features
from sim_study.downstream.codes.utterance_codes import PhoneCodes
from sim_study.downstream.probes.confusion import write_phone_files
from sim_study.downstream.probes.phone_probe import PhoneProbes, run_phone_probes
from sim_study.downstream.probes.pooled_probes import (
    PHONE,
    Probes,
    pooled_targets,
    run_probes,
    tried_table,
)
from sim_study.errors import Problem, UserError
from sim_study.ledger.feature_file import FeatureParts
from sim_study.ledger.files import write_bytes
from sim_study.ledger.probe_weight_file import ProbeWeightParts
from sim_study.model.encoder import Encoder
from sim_study.study.stages.bench import Bench
from sim_study.study.stages.probe_frames import add_labelled_frames, clip_frames

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
    weights = ProbeWeightParts()
    _add_weights(weights, probes, features, config, clips["train"])
    metrics, fits = probes.metrics, probes.fits
    if PHONE in config.targets:
        phones = _run_phones(encoder, trial.seed, config, bench)
        _add_phone_weights(weights, phones, config, bench.corpus)
        metrics |= phones.metrics
        fits |= phones.probes.fits
    weights.write(bench.folder.artifacts)
    if any(fit.tried for fit in fits.values()):
        write_bytes(bench.folder.artifacts / RATES_FILE, tried_table(fits).encode())
    parts = FeatureParts()
    _add_clips(parts, features, clips)
    add_labelled_frames(parts, encoder, bench.corpus, trial.seed, bench.device)
    parts.write(bench.folder.path)
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


def _add_clips(
    parts: FeatureParts, features: Mapping[str, Features], clips: Mapping[Split, Clips]
) -> None:
    """Everything that is known of the clips, and of single frames of them."""
    for protocol, of_protocol in features.items():
        parts.add_codes("clips", protocol, "train", of_protocol.train)
        parts.add_codes("clips", protocol, "test", of_protocol.test)
        for split, of_layers in of_protocol.frames.items():
            parts.add_codes("frames", protocol, split, of_layers)
    for split, of_split in clips.items():
        for factor, labels in of_split.labels.items():
            parts.add_labels("clips", split, factor, labels)
            parts.add_classes(factor, of_split.classes[factor])


def _add_weights(
    weights: ProbeWeightParts,
    probes: Probes,
    features: Mapping[str, Features],
    config: ProbeConfig,
    clips: Clips,
) -> None:
    """Everything that is needed to draw the weights: them, class names, spread of the features."""
    _add_fits(weights, probes)
    for target in pooled_targets(config):
        weights.add_classes(target, clips.classes[target])
    for protocol, of_splits in features.items():
        for layer, codes in of_splits.train.items():
            deviation = np.ones(codes.shape[1]) if config.standardise else codes.std(axis=0)
            weights.add_deviation(protocol, layer, deviation)


def _add_phone_weights(
    weights: ProbeWeightParts, phones: PhoneProbes, config: ProbeConfig, corpus: Corpus
) -> None:
    """The same of phone probes; frames spread otherwise than clips' means."""
    utterances = corpus.utterances("train")
    assert utterances is not None
    _add_fits(weights, phones.probes)
    weights.add_classes(PHONE, utterances.classes[PHONE])
    for key, moments in phones.moments.items():
        protocol, layer = key.split("/")
        spread = moments.deviation
        deviation = np.ones(len(spread)) if config.standardise else spread
        weights.add_deviation(protocol, layer, deviation, of_frames=PHONE)


def _add_fits(weights: ProbeWeightParts, probes: Probes) -> None:
    """Weights, and the learning rate of every probe that was tuned."""
    weights.add_weights({key: fit.weight for key, fit in probes.fits.items()})
    tried = {key: fit.tried for key, fit in probes.fits.items() if fit.tried is not None}
    weights.add_rates({key: one.chosen for key, one in tried.items()})
