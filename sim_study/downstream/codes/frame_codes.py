"""Codes of single frames, chosen at random, with what is said in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import numpy as np

from sim_study.data.clips import Split
from sim_study.data.utterances import Utterances

CLIP_FRAMES: dict[Split, int] = {"train": 2_000, "test": 1_000}
LABELLED_FRAMES: dict[Split, int] = {"train": 4_000, "test": 2_000}
"""Frames kept of each split. At 512 channels in three modules and a context of 256, frames of
clips take 22 MB for each protocol; labelled ones 86 MB, single and as phone probes read them."""


Kind = TypeVar("Kind")
"""What codes are of: a layer, or more than that."""


class LabelledFrames(NamedTuple):
    """Chosen frames of utterances.

    Args:
        rows: (frame,) which utterance, ascending.
        places: (frame,) which of its labels, ascending within an utterance.
        labels: `phone` and `speaker`, each (frame,) int64.
    """

    rows: np.ndarray
    places: np.ndarray
    labels: dict[str, np.ndarray]


def draw_rows(total: int, count: int, seed: int) -> np.ndarray:
    """Draw `count` of `total` rows without replacement, or take all: (row,) ascending."""
    if total <= count:
        return np.arange(total)
    random = np.random.default_rng(seed)
    return np.sort(random.choice(total, count, replace=False, shuffle=False))


def choose_labelled_frames(utterances: Utterances, count: int, seed: int) -> LabelledFrames:
    """Draw `count` of all labelled frames, each equally likely.

    Args:
        utterances: With their phones.
        count: Frames wanted; fewer if there are not as many.
        seed: Of the draw.
    """
    ends = np.cumsum([len(phones) for phones in utterances.phones])
    chosen = draw_rows(int(ends[-1]), count, seed)
    rows = np.searchsorted(ends, chosen, side="right")
    places = chosen - np.concatenate([[0], ends])[rows]
    phones = [utterances.phones[row][place] for row, place in zip(rows, places, strict=True)]
    labels = {"phone": np.array(phones, np.int64), "speaker": utterances.speakers[rows]}
    return LabelledFrames(rows, places, labels)


def chosen_frame_codes(
    encode: Callable[[int, np.ndarray], dict[Kind, np.ndarray]], chosen: LabelledFrames
) -> dict[Kind, np.ndarray]:
    """Return the codes of chosen frames: by layer, (frame, channel) float32.

    Args:
        encode: Makes the codes of some labels of an utterance by layer, called with its row and
            their places; only for utterances that hold a chosen frame.
        chosen: Which frames.
    """
    parts: dict[Kind, list[np.ndarray]] = {}
    for row in np.unique(chosen.rows).tolist():
        for kind, codes in encode(row, chosen.places[chosen.rows == row]).items():
            parts.setdefault(kind, []).append(codes)
    return {kind: np.concatenate(codes) for kind, codes in parts.items()}
