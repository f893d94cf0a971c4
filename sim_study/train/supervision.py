"""The labelled examples that a supervised encoder learns from."""

from __future__ import annotations

import numpy as np

from sim_study.config.geometry import layer_frames
from sim_study.config.lengths import check_phone_frames
from sim_study.config.trial import EncoderConfig
from sim_study.data.clips import Clips
from sim_study.data.corpus import Corpus
from sim_study.data.split import HELD_OUT_SEED, split_by_group, split_utterances
from sim_study.data.utterances import Utterances
from sim_study.errors import Problem, UserError, near_miss
from sim_study.objective.cross_entropy import UNLABELLED
from sim_study.train.examples import Examples, FrameLabels, unlabelled

TARGET = "objective.supervised_target"


def examples_of(corpus: Corpus, config: EncoderConfig) -> Examples:
    """Return what an encoder of this configuration learns from.

    A supervised encoder learns from the labelled training clips that the online probe does not
    score, lest a search chose among encoders by clips whose labels they were told.

    Args:
        corpus: Prepared.
        config: The encoder's configuration.

    Raises:
        UserError: The corpus has no such labels, or the encoder's frames are not the labels'.
    """
    if not config.traits.learns_labels:
        return unlabelled(corpus.encoder_audio())
    clips = corpus.probe_clips("train")
    fraction = config.online_probe.validation_fraction
    target = config.objective.supervised_target
    if target == "phone":
        told = corpus.utterances("train")
        if told is None:
            raise UserError(Problem(corpus.name, "has no phone labels", TARGET, target))
        rows, _ = split_utterances(told.groups, clips.groups, fraction)
        return _by_frame(told, rows, config)
    rows, _ = split_by_group(clips.groups, fraction, HELD_OUT_SEED)
    return _by_clip(clips, rows, target, corpus.name)


def _by_clip(clips: Clips, rows: np.ndarray, target: str, corpus: str) -> Examples:
    if target not in clips.labels:
        law = f"has no such labels, only {', '.join(clips.labels)}"
        hint = near_miss(target, clips.labels)
        raise UserError(Problem(corpus, law, TARGET, target, hint))
    return Examples(clips.samples, rows, clips.labels[target], len(clips.classes[target]))


def _by_frame(told: Utterances, rows: np.ndarray, config: EncoderConfig) -> Examples:
    """Put the labels of utterances on the encoder's frames."""
    model, crop = config.model, config.train.crop_samples
    assert crop is not None, "recordings of different lengths need crops"
    check_phone_frames(model, "supervised")
    parts = [
        on_frames(phones, layer_frames(model, samples)[-1])
        for phones, samples in zip(told.phones, told.recordings.lengths.tolist(), strict=True)
    ]
    labels = FrameLabels(parts, layer_frames(model, crop)[-1])
    return Examples(told.recordings, rows, labels, len(told.classes["phone"]))


def on_frames(phones: np.ndarray, frames: int) -> np.ndarray:
    """Put an utterance's labels on its last frames.

    Args:
        phones: (label,) int64.
        frames: That the encoder makes of the utterance; not fewer than labels.

    Returns:
        (frame,) int64, UNLABELLED where labels are missing.
    """
    labels = np.full(frames, UNLABELLED, np.int64)
    labels[frames - len(phones) :] = phones
    return labels
