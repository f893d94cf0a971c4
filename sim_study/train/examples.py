"""What an encoder learns from: sounds, and for a supervised one what they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from torch import Tensor

from sim_study.config.geometry import layer_frames
from sim_study.config.lengths import check_phone_frames
from sim_study.config.trial import EncoderConfig
from sim_study.data.clips import Clips
from sim_study.data.corpus import Corpus
from sim_study.data.recordings import Recordings, Samples
from sim_study.data.split import HELD_OUT_SEED, split_by_group, split_utterances
from sim_study.data.utterances import Utterances
from sim_study.errors import Problem, UserError, near_miss
from sim_study.objective.cross_entropy import UNLABELLED

TARGET_KEY = "objective.supervised_target"

Sounds: TypeAlias = Samples | Recordings | Tensor
"""Clips of one length (clip, sample) int16, perhaps memory-mapped or on a device, or recordings of
different lengths."""


class FrameLabels:
    """A class for every frame of recordings of different lengths.

    Args:
        parts: One (frame,) int64 array a recording, on the frames that the encoder makes of the
            whole of it; UNLABELLED where a frame has no class.
        crop_frames: Frames that the encoder makes of a crop.
    """

    def __init__(self, parts: Sequence[np.ndarray], crop_frames: int) -> None:
        self.parts = parts
        self.crop_frames = crop_frames

    def cut(self, rows: np.ndarray, first_frames: np.ndarray) -> np.ndarray:
        """Return the classes (crop, frame) int64 of one crop of each of some recordings.

        Args:
            rows: (crop,) which recording.
            first_frames: (crop,) the crop's first frame.
        """
        pairs = zip(rows, first_frames, strict=True)
        return np.stack([self.parts[row][at : at + self.crop_frames] for row, at in pairs])


@dataclass(frozen=True)
class Examples:
    """What an encoder learns from.

    Args:
        samples: Clips, or recordings, of which crops are taken.
        rows: (example,) int64, the clips or recordings that are learnt from; others lie idle.
        labels: A class of each clip (clip,) int64, or of each frame; None: nobody says.
        classes: How many classes there are; None: no labels.
    """

    samples: Sounds
    rows: np.ndarray
    labels: np.ndarray | FrameLabels | None = None
    classes: int | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def shortest_samples(self) -> int:
        """How many samples every clip or recording that is learnt from has at least."""
        if isinstance(self.samples, Recordings):
            return int(self.samples.lengths[self.rows].min())
        return self.samples.shape[1]


class Batch(NamedTuple):
    """Some examples.

    Args:
        samples: (batch, sample) int16, where the clips are.
        labels: (batch,) int64, or (batch, frame); None: nobody says.
    """

    samples: np.ndarray | Tensor
    labels: np.ndarray | None


def unlabelled(samples: Samples | Recordings) -> Examples:
    """Return all clips or recordings as examples without labels."""
    return Examples(samples, np.arange(len(samples)))


def examples_of(corpus: Corpus, config: EncoderConfig) -> Examples:
    """Return what an encoder of this configuration learns from.

    A supervised encoder learns from the labelled training clips that the online probe does not
    score, lest a search chose among encoders by clips whose labels they learnt from.

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
        utterances = corpus.utterances("train")
        if utterances is None:
            raise UserError(Problem(corpus.name, "has no phone labels", TARGET_KEY, target))
        rows, _ = split_utterances(utterances.groups, clips.groups, fraction)
        return _by_frame(utterances, rows, config)
    rows, _ = split_by_group(clips.groups, fraction, HELD_OUT_SEED)
    return _by_clip(clips, rows, target, corpus.name)


def _by_clip(clips: Clips, rows: np.ndarray, target: str, corpus: str) -> Examples:
    if target not in clips.labels:
        law = f"has no such labels, only {', '.join(clips.labels)}"
        hint = near_miss(target, clips.labels)
        raise UserError(Problem(corpus, law, TARGET_KEY, target, hint))
    return Examples(clips.samples, rows, clips.labels[target], len(clips.classes[target]))


def _by_frame(utterances: Utterances, rows: np.ndarray, config: EncoderConfig) -> Examples:
    """Put the labels of utterances on the encoder's frames."""
    model, crop = config.model, config.train.crop_samples
    assert crop is not None, "recordings of different lengths need crops"
    check_phone_frames(model, "supervised")
    recordings = utterances.recordings
    pairs = zip(utterances.phones, recordings.lengths.tolist(), strict=True)
    parts = [on_frames(phones, layer_frames(model, samples)[-1]) for phones, samples in pairs]
    labels = FrameLabels(parts, layer_frames(model, crop)[-1])
    return Examples(recordings, rows, labels, len(utterances.classes["phone"]))


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
