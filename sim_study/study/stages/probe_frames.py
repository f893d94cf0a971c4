"""Which single frames a probe trial keeps, and their codes where they lie in utterances."""

from __future__ import annotations

import numpy as np
import torch

from sim_study.config.geometry import module_frames
from sim_study.config.identity import seed_for
from sim_study.config.lengths import check_phone_frames
from sim_study.data.clips import SPLITS, Split
from sim_study.data.corpus import Corpus
from sim_study.data.utterances import Utterances
from sim_study.downstream.codes.frames import (
    CLIP_FRAMES,
    LABELLED_FRAMES,
    choose_labelled_frames,
    chosen_frame_codes,
    draw_rows,
)
from sim_study.downstream.codes.protocols import by_protocol
from sim_study.downstream.codes.utterance_codes import UtteranceCodes
from sim_study.errors import UserError
from sim_study.ledger.feature_file import FeatureParts, Unit
from sim_study.model.encoder import Encoder


def clip_frames(encoder: Encoder, corpus: Corpus, seed: int) -> dict[Split, np.ndarray]:
    """Choose frames of the probe clips, of a corpus whose frames have no labels of their own.

    Args:
        encoder: Its last layer's frames are counted over all clips.
        corpus: Where the frames of its utterances have phones, nothing is chosen here.
        seed: Of the draw.

    Returns:
        By split: (frame,) ascending; empty where frames of utterances are chosen instead.
    """
    chosen: dict[Split, np.ndarray] = {}
    for split in SPLITS:
        if labelled_utterances(encoder, corpus, split) is None:
            clips, samples = corpus.probe_clips(split).samples.shape
            length = module_frames(encoder.config.model, samples)["context"]
            draw = seed_for(seed, "frames", split)
            chosen[split] = draw_rows(clips * length, CLIP_FRAMES[split], draw)
    return chosen


def add_labelled_frames(
    parts: FeatureParts, encoder: Encoder, corpus: Corpus, seed: int, device: torch.device | str
) -> None:
    """Encode labelled frames of the corpus' utterances, chosen at random, for the feature file.

    Args:
        parts: Gets each frame's codes, single and as phone probes read them (averaged over 10 ms
            in a finer layer), with its labels; nothing without labels of such frames.
        encoder: A frozen encoder.
        corpus: Whose utterances.
        seed: Of the choice and of sampled latents.
        device: Where to encode.
    """
    for split in SPLITS:
        utterances = labelled_utterances(encoder, corpus, split)
        if utterances is not None:
            _add_split(parts, encoder, utterances, split, seed, device)
            for target, names in utterances.classes.items():
                parts.add_classes(target, names)


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


def _add_split(
    parts: FeatureParts,
    encoder: Encoder,
    utterances: Utterances,
    split: Split,
    seed: int,
    device: torch.device | str,
) -> None:
    chosen = choose_labelled_frames(
        utterances, LABELLED_FRAMES[split], seed_for(seed, "frames", split)
    )

    def encode(sampled: bool) -> dict[tuple[Unit, str], np.ndarray]:
        codes_seed = seed_for(seed, split) if sampled else None
        codes = UtteranceCodes(encoder, utterances, seed=codes_seed, device=device)

        def both(row: int, labels: np.ndarray) -> dict[tuple[Unit, str], np.ndarray]:
            kinds: dict[Unit, dict[str, np.ndarray]] = {
                "frames": codes.single_frames(row, labels),
                "labelled frames": codes.labelled(row, labels),
            }
            return {(kind, layer): kinds[kind][layer] for kind in kinds for layer in kinds[kind]}

        return chosen_frame_codes(both, chosen)

    for target, labels in chosen.labels.items():
        parts.add_labels("frames", split, target, labels)
    for protocol, found in by_protocol(encoder, encode).items():
        for (kind, layer), of_layer in found.items():
            parts.add_codes(kind, protocol, split, {layer: of_layer})
