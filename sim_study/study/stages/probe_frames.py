"""Which single frames a probe trial keeps, and their codes where they lie in utterances."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from sim_study.config.geometry import module_frames
from sim_study.config.identity import seed_for
from sim_study.config.lengths import check_phone_frames
from sim_study.data.clips import SPLITS, Split
from sim_study.data.corpus import Corpus
from sim_study.data.utterances import Utterances
from sim_study.downstream.codes.frame_codes import (
    CLIP_FRAMES,
    LABELLED_FRAMES,
    choose_labelled_frames,
    chosen_frame_codes,
    draw_rows,
)
from sim_study.downstream.codes.utterance_codes import UtteranceCodes
from sim_study.downstream.probes.probe_protocols import by_protocol
from sim_study.errors import UserError
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
        if told_utterances(encoder, corpus, split) is None:
            clips, samples = corpus.probe_clips(split).samples.shape
            length = module_frames(encoder.config.model, samples)["context"]
            draw = seed_for(seed, "frames", split)
            chosen[split] = draw_rows(clips * length, CLIP_FRAMES[split], draw)
    return chosen


def utterance_frames(
    encoder: Encoder, corpus: Corpus, seed: int, device: torch.device | str
) -> dict[str, Any]:
    """Encode chosen labelled frames of the corpus' utterances.

    Returns:
        `frames/{protocol}/{split}/{layer}` and `labelled/{protocol}/{split}/{layer}` (frame,
        channel), the second as phone probes read them: averaged over 10 ms in a finer layer;
        `frames/{split}/label/{target}` (frame,) with `classes/{target}`. Empty without labels of
        such frames.
    """
    arrays: dict[str, Any] = {}
    for split in SPLITS:
        utterances = told_utterances(encoder, corpus, split)
        if utterances is not None:
            arrays |= _labelled(encoder, utterances, split, seed, device)
            for target, names in utterances.classes.items():
                arrays[f"classes/{target}"] = np.array(names)
    return arrays


def told_utterances(encoder: Encoder, corpus: Corpus, split: Split) -> Utterances | None:
    """Return a split's utterances; None without labels, or where an encoder makes other frames.

    A study of speakers alone may have such an encoder: labels on its frames would be of the wrong
    sound.
    """
    try:
        check_phone_frames(encoder.config.model, corpus.name)
    except UserError:
        return None
    return corpus.utterances(split)


def _labelled(
    encoder: Encoder, utterances: Utterances, split: Split, seed: int, device: torch.device | str
) -> dict[str, np.ndarray]:
    """Codes and labels of one split's chosen frames, by key."""
    chosen = choose_labelled_frames(
        utterances, LABELLED_FRAMES[split], seed_for(seed, "frames", split)
    )

    def encode(sampled: bool) -> dict[str, np.ndarray]:
        codes_seed = seed_for(seed, split) if sampled else None
        codes = UtteranceCodes(encoder, utterances, seed=codes_seed, device=device)

        def both(row: int, labels: np.ndarray) -> dict[str, np.ndarray]:
            single, labelled = codes.single_frames(row, labels), codes.labelled(row, labels)
            return {f"frames/{layer}": found for layer, found in single.items()} | {
                f"labelled/{layer}": found for layer, found in labelled.items()
            }

        return chosen_frame_codes(both, chosen)

    arrays = {f"frames/{split}/label/{target}": labels for target, labels in chosen.labels.items()}
    for protocol, found in by_protocol(encoder, encode).items():
        for place, codes in found.items():
            kind, layer = place.split("/")
            arrays[f"{kind}/{protocol}/{split}/{layer}"] = codes
    return arrays
