"""The probe stage: frozen features and every linear probe on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sim_study.checkpoint.store import load_encoder
from sim_study.config.probe import CONVERGED, CONVERGED_SAMPLED, ProbeConfig, RobustnessConfig
from sim_study.config.trial import Trial
from sim_study.data.clips import SPLITS, Clips, Split
from sim_study.data.corpus import Corpus
from sim_study.downstream.codes.features import clip_codes
from sim_study.downstream.codes.protocols import Features, protocol_features
from sim_study.downstream.codes.spans import sounding
from sim_study.downstream.codes.utterance_codes import PhoneCodes
from sim_study.downstream.probes.confusion import write_phone_files
from sim_study.downstream.probes.converged_phones import run_converged_phones
from sim_study.downstream.probes.converged_probes import ConvergedProbes, run_converged
from sim_study.downstream.probes.linear_probe import ProbeFit
from sim_study.downstream.probes.phone_probe import PhoneProbes, run_phone_probes
from sim_study.downstream.probes.pooled_probes import (
    PHONE,
    Probes,
    pooled_targets,
    run_probes,
    tried_table,
)
from sim_study.downstream.probes.robustness import (
    Robustness,
    measure_robustness,
    measured_clips,
)
from sim_study.errors import Problem, UserError
from sim_study.ledger.feature_file import FeatureParts, Unit
from sim_study.ledger.files import write_text
from sim_study.ledger.probe_weight_file import ProbeWeightParts
from sim_study.ledger.robustness_file import write_robustness
from sim_study.model.encoder import Encoder
from sim_study.study.stages.bench import Bench
from sim_study.study.stages.kept_codes import (
    add_clips,
    add_labelled_frames,
    clip_length,
    draw_clip_frames,
    is_read_in_time,
    labelled_utterances,
)

RATES_FILE = "probe_learning_rates.csv"
PHONES_FOLDER, PAPER_FOLDER = "phones", "paper"
"""Confusions of the converged probe of phones, where there is one, and in a folder inside of the
paper's; alone, the paper's are in the first."""

Rows = dict[Unit, dict[Split, np.ndarray]]
"""By what single frames are of, and split: (frame,) the clip that each is of."""


@dataclass
class _Found:
    """What the probes of an encoder have found so far."""

    metrics: dict[str, float] = field(default_factory=dict)
    weights: ProbeWeightParts = field(default_factory=ProbeWeightParts)
    fits: dict[str, ProbeFit] = field(default_factory=dict)


def run_probe(trial: Trial, config: ProbeConfig, bench: Bench) -> dict[str, float]:
    """Fit every probe of an encoder; keep features, weights and class names."""
    encoder = load_encoder(bench.upstream(trial).checkpoints / config.checkpoint)
    clips: dict[Split, Clips] = {split: bench.corpus.probe_clips(split) for split in SPLITS}
    draws = draw_clip_frames(encoder, bench.corpus, config, trial.seed)
    features = protocol_features(
        encoder,
        clips["train"],
        clips["test"],
        trial.seed,
        bench.device,
        frames=draws,
        thirds=is_read_in_time(clips["train"], config),
    )
    rows: Rows = {}
    for split, of_split in draws.items():
        length = clip_length(encoder, clips[split])
        for unit, frames in of_split.items():
            rows.setdefault(unit, {})[split] = frames // length
    found = _Found()
    if config.protocol != "converged":
        _run_paper(features, clips, trial.seed, config, found)
    if config.protocol != "paper_only":
        converged = run_converged(features, clips["train"], clips["test"], rows, config)
        found.metrics |= converged.metrics
        _add_converged(found.weights, converged)
        if config.robustness is not None:
            robust = _perturb(encoder, clips, converged, config, config.robustness, bench.device)
            found.metrics |= robust.metrics
            write_robustness(bench.folder.artifacts, robust.points)
    if PHONE in config.targets:
        _run_phones(encoder, trial.seed, config, found, bench)
    _add_classes(found.weights, config, bench.corpus)
    found.weights.write(bench.folder.artifacts)
    if any(fit.tried for fit in found.fits.values()):
        write_text(bench.folder.artifacts / RATES_FILE, tried_table(found.fits))
    parts = FeatureParts()
    add_clips(parts, features, clips, rows)
    for split in SPLITS:
        utterances = labelled_utterances(encoder, bench.corpus, split)
        if utterances is not None:
            add_labelled_frames(parts, encoder, utterances, split, trial.seed, bench.device)
    parts.write(bench.folder.path)
    return found.metrics


def _perturb(
    encoder: Encoder,
    clips: Mapping[Split, Clips],
    converged: ConvergedProbes,
    config: ProbeConfig,
    perturbations: RobustnessConfig,
    device: str,
) -> Robustness:
    """Read test clips that are louder, quieter or noisy with the probes that were just fitted."""
    test = measured_clips(clips["test"], perturbations)
    spans = sounding(test) if config.pooling == "thirds" else None

    def encode(samples: np.ndarray) -> dict[str, np.ndarray]:
        made = clip_codes(encoder, samples, seed=None, spans=spans, device=device)
        return made.pooled if spans is None else made.thirds

    def read(target: str, layer: str, codes: np.ndarray) -> np.ndarray:
        fit = converged.probes[f"{CONVERGED}/{target}/{layer}"].fit
        named: np.ndarray = fit.scores(codes).argmax(axis=1)
        return named

    labels: dict[str, np.ndarray] = {
        target: test.labels[target] for target in pooled_targets(config)
    }
    samples = np.asarray(test.samples)
    return measure_robustness(encode, read, samples, labels, clips["train"].samples, perturbations)


def _run_paper(
    features: Mapping[str, Features],
    clips: Mapping[Split, Clips],
    seed: int,
    config: ProbeConfig,
    found: _Found,
) -> None:
    """Fit the paper's probes of clips."""
    probes = run_probes(features, clips["train"], clips["test"], config, seed)
    _add_fits(found, probes)
    for protocol, of_splits in features.items():
        for layer, codes in of_splits.train.items():
            deviation = np.ones(codes.shape[1]) if config.standardise else codes.std(axis=0)
            found.weights.add_deviation(protocol, layer, deviation)
    found.metrics |= probes.metrics


def _run_phones(
    encoder: Encoder, seed: int, config: ProbeConfig, found: _Found, bench: Bench
) -> None:
    """Fit the probes of phones and write what a reader wants to see of them."""
    corpus = bench.corpus
    train, test = (_phone_codes(encoder, corpus, split, seed, bench.device) for split in SPLITS)
    names = train.utterances.classes[PHONE]
    folder = bench.folder.artifacts / PHONES_FOLDER
    if config.protocol != "paper_only":
        converged = run_converged_phones(train, test, config, seed)
        _add_converged(found.weights, converged.found)
        write_phone_files(folder, converged.confusions, names)
        found.metrics |= converged.metrics
        folder /= PAPER_FOLDER
    if config.protocol != "converged":
        groups = corpus.probe_clips("train").groups
        paper = run_phone_probes(train, test, config, seed, clip_groups=groups)
        _add_phone_fits(found, paper, config)
        write_phone_files(folder, paper.confusions, names)
        found.metrics = paper.metrics | found.metrics  # chance is of what the converged one reads


def _phone_codes(
    encoder: Encoder, corpus: Corpus, split: Split, seed: int, device: str
) -> PhoneCodes:
    utterances = corpus.utterances(split)
    if utterances is None:
        raise UserError(Problem(corpus.name, "has no phone labels", "probe.targets", PHONE))
    return PhoneCodes(encoder, utterances, split, seed, device)


def _add_converged(weights: ProbeWeightParts, converged: ConvergedProbes) -> None:
    """Weights on standardised codes, whose deviation is 1."""
    for key, probe in converged.probes.items():
        quantity, target, layer = key.split("/")
        weight = probe.fit.standard_weight.astype(np.float32)
        weights.add_weights({key: weight})
        if quantity == CONVERGED_SAMPLED:
            of_frames = PHONE if target == PHONE else ""
            ones = np.ones(weight.shape[1])
            weights.add_deviation(quantity, layer, ones, of_frames=of_frames)


def _add_phone_fits(found: _Found, phones: PhoneProbes, config: ProbeConfig) -> None:
    """The paper's probes of phones; frames spread otherwise than clips' means."""
    _add_fits(found, phones.probes)
    for key, moments in phones.moments.items():
        protocol, layer = key.split("/")
        spread = moments.deviation
        deviation = np.ones(len(spread)) if config.standardise else spread
        found.weights.add_deviation(protocol, layer, deviation, of_frames=PHONE)


def _add_fits(found: _Found, probes: Probes) -> None:
    """Weights, and the learning rate of every probe that was tuned."""
    found.fits |= probes.fits
    found.weights.add_weights({key: fit.weight for key, fit in probes.fits.items()})
    tuned = {key: fit.tried.chosen for key, fit in probes.fits.items() if fit.tried}
    found.weights.add_rates(tuned)


def _add_classes(weights: ProbeWeightParts, config: ProbeConfig, corpus: Corpus) -> None:
    """What the labels are called."""
    classes = corpus.probe_clips("train").classes
    for target in pooled_targets(config):
        weights.add_classes(target, classes[target])
    utterances = corpus.utterances("train")
    if PHONE in config.targets and utterances is not None:
        weights.add_classes(PHONE, utterances.classes[PHONE])
