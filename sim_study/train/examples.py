"""What an encoder learns from: sounds, and for a supervised one what they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from sim_study.data.recordings import Recordings, Samples

if TYPE_CHECKING:  # a dry run counts examples and does not wait for PyTorch
    from torch import Tensor

Sounds: TypeAlias = "Samples | Recordings | Tensor"
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

    def on(self, samples: Sounds) -> Examples:
        """Return the same examples, their sounds read from a copy elsewhere."""
        return replace(self, samples=samples)


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
