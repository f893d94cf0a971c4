"""Whole utterances with what is said in every frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim_study.data.recordings import Recordings

PHONES = 41
"""Silence, noise and 39 phones of English: what there is unless a corpus names others."""


@dataclass(frozen=True)
class Utterances:
    """Utterances of different lengths, each with one phone a frame.

    There may be fewer phones than frames of an encoder: they belong to the utterance's *last*
    frames, as in the reference.

    Args:
        ids: One unique name an utterance.
        recordings: Their sounds.
        phones: One (label,) int64 array an utterance.
        speakers: (utterance,) int64.
        groups: (utterance,) int64: the number that clips cut from the utterance have as their
            group, so that an utterance is held out with its clips.
        classes: Class names of `phone` and `speaker`.
    """

    ids: list[str]
    recordings: Recordings
    phones: Sequence[np.ndarray]
    speakers: np.ndarray
    groups: np.ndarray
    classes: dict[str, tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: np.ndarray) -> Utterances:
        """Return the utterances at `rows` (utterance,), in that order; no sound is copied."""
        numbers = rows.tolist()
        return Utterances(
            ids=[self.ids[row] for row in numbers],
            recordings=Recordings([self.recordings.parts[row] for row in numbers]),
            phones=[self.phones[row] for row in numbers],
            speakers=self.speakers[rows],
            groups=self.groups[rows],
            classes=self.classes,
        )
