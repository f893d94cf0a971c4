"""The probe stage: frozen features and every linear probe on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from sim_study.checkpoint.store import load_encoder
from sim_study.config.geometry import module_frames
from sim_study.config.identity import seed_for
from sim_study.config.lengths import check_phone_frames
from sim_study.config.probe import ProbeConfig
from sim_study.config.trial import Trial
from sim_study.data.clips import SPLITS, Clips, Split
from sim_study.data.corpus import Corpus
from sim_study.data.utterances import Utterances
from sim_study.downstream.codes.frames import (
    CLIP_FRAMES,
    LABELLED_FRAMES,
    choose_labelled_frames,
    chosen_frame_codes,
    draw_rows,
)
from sim_study.downstream.codes.protocols import Features, by_protocol, protocol_features
from sim_study.downstream.codes.utterance_codes import PhoneCodes, UtteranceCodes
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
from sim_study.ledger.feature_file import FeatureParts, Unit
from sim_study.ledger.files import write_text
from sim_study.ledger.probe_weight_file import ProbeWeightParts
from sim_study.model.encoder import Encoder
from sim_study.study.stages.bench import Bench

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
        frames=_clip_frames(encoder, bench.corpus, trial.seed),
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
        write_text(bench.folder.artifacts / RATES_FILE, tried_table(fits))
    parts = FeatureParts()
    _add_clips(parts, features, clips)
    for split in SPLITS:
        utterances = _labelled_utterances(encoder, bench.corpus, split)
        if utterances is not None:
            _add_labelled_frames(parts, encoder, utterances, split, trial.seed, bench.device)
    parts.write(bench.folder.path)
    return metrics


def _clip_frames(encoder: Encoder, corpus: Corpus, seed: int) -> dict[Split, np.ndarray]:
    """Choose frames (frame,) of the probe clips, of a corpus whose frames have no labels.

    Frames of the last layer are counted over all clips; where utterances have labelled frames,
    those are kept instead and nothing is chosen here.
    """
    chosen: dict[Split, np.ndarray] = {}
    for split in SPLITS:
        if _labelled_utterances(encoder, corpus, split) is None:
            clips, samples = corpus.probe_clips(split).samples.shape
            length = module_frames(encoder.config.model, samples)["context"]
            draw = seed_for(seed, "frames", split)
            chosen[split] = draw_rows(clips * length, CLIP_FRAMES[split], draw)
    return chosen


def _labelled_utterances(encoder: Encoder, corpus: Corpus, split: Split) -> Utterances | None:
    """Return a split's utterances; None without labels, or where an encoder makes other frames.

    A study of speakers alone may have such an encoder: labels on its frames would be of the wrong
    sound.
    """
    try:
        check_phone_frames(encoder.config.model, corpus.name)
    except UserError:
        return None
    return corpus.utterances(split)


def _add_labelled_frames(
    parts: FeatureParts,
    encoder: Encoder,
    utterances: Utterances,
    split: Split,
    seed: int,
    device: str,
) -> None:
    """Frames drawn at random: single, as phone probes read them (over 10 ms), and their labels."""
    draw = seed_for(seed, "frames", split)
    chosen = choose_labelled_frames(utterances, LABELLED_FRAMES[split], draw)

    def encode(sampled: bool) -> dict[tuple[Unit, str], np.ndarray]:
        codes_seed = seed_for(seed, split) if sampled else None
        codes = UtteranceCodes(encoder, utterances, seed=codes_seed, device=device)
        kinds: dict[Unit, Callable[[int, np.ndarray], dict[str, np.ndarray]]] = {
            "frames": codes.single_frames,
            "labelled frames": codes.labelled,
        }

        def both(row: int, labels: np.ndarray) -> dict[tuple[Unit, str], np.ndarray]:
            found = {kind: read(row, labels) for kind, read in kinds.items()}
            return {(kind, layer): found[kind][layer] for kind in found for layer in found[kind]}

        return chosen_frame_codes(both, chosen)

    for target, labels in chosen.labels.items():
        parts.add_labels("frames", split, target, labels)
    for protocol, found in by_protocol(encoder, encode).items():
        for (kind, layer), of_layer in found.items():
            parts.add_codes(kind, protocol, split, {layer: of_layer})
    for target, names in utterances.classes.items():
        parts.add_classes(target, names)


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
    weights.add_rates({key: fit.tried.chosen for key, fit in probes.fits.items() if fit.tried})
