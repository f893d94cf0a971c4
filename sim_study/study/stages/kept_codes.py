"""What a probe stage keeps of an encoder for the stages after it: codes, labels, groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from sim_study.config.geometry import module_frames
from sim_study.config.identity import seed_for
from sim_study.config.lengths import check_phone_frames
from sim_study.config.probe import ProbeConfig
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
from sim_study.downstream.codes.protocols import Features, by_protocol
from sim_study.downstream.codes.spans import draw_span_frames
from sim_study.downstream.codes.utterance_codes import UtteranceCodes
from sim_study.errors import UserError
from sim_study.ledger.feature_file import MEANS, FeatureParts, FramesOf, Unit
from sim_study.model.encoder import Encoder


def is_read_in_time(clips: Clips, config: ProbeConfig) -> bool:
    """Whether thirds of clips and frames of their phones are kept.

    They are where it is known when clips sound, and where a probe asks for them.
    """
    return bool(clips.spans) or config.pooling != "mean"


def draw_clip_frames(
    encoder: Encoder, corpus: Corpus, config: ProbeConfig, seed: int
) -> dict[Split, dict[Unit, np.ndarray]]:
    """Choose frames (frame,) of the probe clips: of whole clips, and of what carries each factor.

    Frames of the last layer are counted over all clips. Of whole clips none are chosen where
    utterances have labelled frames, which are kept instead. The draw is the same for all arms.
    """
    chosen: dict[Split, dict[Unit, np.ndarray]] = {}
    for split in SPLITS:
        clips, count = corpus.probe_clips(split), CLIP_FRAMES[split]
        drawn = chosen[split] = {}
        if labelled_utterances(encoder, corpus, split) is None:
            draw = seed_for(seed, "frames", split)
            drawn["frames"] = draw_rows(len(clips) * clip_length(encoder, clips), count, draw)
        if is_read_in_time(clips, config):
            for unit in dict.fromkeys(FramesOf(FramesOf(factor).span) for factor in clips.labels):
                draw = seed_for(seed, "frames", split, unit.span)
                drawn[unit] = draw_span_frames(clips, unit.span, encoder.config.model, count, draw)
    return chosen


def clip_length(encoder: Encoder, clips: Clips) -> int:
    """Return the frames of the last layer that a clip has."""
    return module_frames(encoder.config.model, clips.samples.shape[1])["context"]


def labelled_utterances(encoder: Encoder, corpus: Corpus, split: Split) -> Utterances | None:
    """Return a split's utterances; None without labels, or where an encoder makes other frames.

    A study of speakers alone may have such an encoder: labels on its frames would be of the wrong
    sound.
    """
    try:
        check_phone_frames(encoder.config.model, corpus.name)
    except UserError:
        return None
    return corpus.utterances(split)


def add_clips(
    parts: FeatureParts,
    features: Mapping[str, Features],
    clips: Mapping[Split, Clips],
    rows: Mapping[Unit, Mapping[Split, np.ndarray]],
) -> None:
    """Add everything that is known of the clips, of their thirds, and of single frames of them.

    Args:
        parts: To add to.
        features: By protocol.
        clips: By split.
        rows: By what single frames are of, and split: (frame,) the clip that each is of.
    """
    for protocol, of_protocol in features.items():
        parts.add_codes("clips", protocol, "train", of_protocol.train)
        parts.add_codes("clips", protocol, "test", of_protocol.test)
        for unit, of_unit in of_protocol.parts.items():
            if unit == "frames" or protocol == MEANS:
                for split, of_layers in of_unit.items():
                    parts.add_codes(unit, protocol, split, of_layers)
    for split, of_split in clips.items():
        parts.add_groups("clips", split, of_split.groups)
        for factor, labels in of_split.labels.items():
            parts.add_labels("clips", split, factor, labels)
            parts.add_classes(factor, of_split.classes[factor])
        for unit, of_clips in rows.items():
            if isinstance(unit, FramesOf):
                parts.add_groups(unit, split, of_split.groups[of_clips[split]])
                for factor, labels in of_split.labels.items():
                    parts.add_labels(unit, split, factor, labels[of_clips[split]])


def add_labelled_frames(
    parts: FeatureParts,
    encoder: Encoder,
    utterances: Utterances,
    split: Split,
    seed: int,
    device: str,
) -> None:
    """Add frames drawn at random: single, as phone probes read them (over 10 ms), their labels."""
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

    parts.add_groups("frames", split, utterances.groups[chosen.rows])
    for target, labels in chosen.labels.items():
        parts.add_labels("frames", split, target, labels)
    for protocol, found in by_protocol(encoder, encode).items():
        for (kind, layer), of_layer in found.items():
            parts.add_codes(kind, protocol, split, {layer: of_layer})
    for target, names in utterances.classes.items():
        parts.add_classes(target, names)
