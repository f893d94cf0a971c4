"""Codes in time: means over thirds of what sounds in a clip, and frames of one of its phones.

A frame belongs to a span if the centre of the sound that it sees does, see `frames.sample_grids`.
"""

from __future__ import annotations

import numpy as np

from sim_study.config.geometry import module_frames
from sim_study.config.model import ModelConfig
from sim_study.data.clips import Clips
from sim_study.downstream.codes.frames import FrameGrid, draw_rows, sample_grids
from sim_study.errors import Problem, UserError
from sim_study.ledger.feature_file import SOUNDING

THIRDS = 3


def span_of(clips: Clips, name: str) -> np.ndarray:
    """Return a span of every clip, (clip, 2) samples; where it is unknown, the whole clip."""
    if name in clips.spans:
        return clips.spans[name]
    clip_count, samples = clips.samples.shape
    return np.tile(np.array([0, samples], np.int64), (clip_count, 1))


def sounding(clips: Clips) -> np.ndarray:
    """Return what is not silence of every clip, (clip, 2) samples."""
    return span_of(clips, SOUNDING)


def third_weights(spans: np.ndarray, grid: FrameGrid, length: int) -> np.ndarray:
    """Return how much each frame counts in the mean of each third of a span.

    Args:
        spans: (clip, 2) samples, first and one past the last.
        grid: Of the layer, in samples.
        length: Frames that the layer has.

    Returns:
        (clip, third, frame) float32; a third's weights sum to 1. A third too short to hold a
        frame has the one nearest to its middle.
    """
    edges = spans[:, :1] + (spans[:, 1:] - spans[:, :1]) * np.arange(THIRDS + 1) / THIRDS
    centres = grid.centres(length)  # (L,)
    first, last = edges[:, :-1, None], edges[:, 1:, None]  # (clip, third, 1)
    inside = (centres >= first) & (centres < last)  # (clip, third, L)
    nearest = np.abs(centres - (first + last) / 2).argmin(axis=2)  # (clip, third)
    alone = np.arange(length) == nearest[:, :, None]
    inside = np.where(inside.any(axis=2, keepdims=True), inside, alone)
    weights: np.ndarray = (inside / inside.sum(axis=2, keepdims=True)).astype(np.float32)
    return weights


def draw_span_frames(
    clips: Clips, span: str, model: ModelConfig, count: int, seed: int
) -> np.ndarray:
    """Draw frames of the last layer out of a span of the clips, each equally likely.

    The draw knows nothing of an encoder but its strides: it is the same for all arms.

    Args:
        clips: With their spans.
        span: Name of one.
        model: Where its last layer's frames lie.
        count: Frames wanted; fewer if there are not as many.
        seed: Of the draw.

    Returns:
        (frame,) ascending, counted over all clips: frame l of clip i is i * L + l.

    Raises:
        UserError: No frame's centre is in the span of any clip.
    """
    length = module_frames(model, clips.samples.shape[1])["context"]
    centres = sample_grids(model)["context"].centres(length)  # (L,)
    bounds = span_of(clips, span)
    inside = (centres >= bounds[:, :1]) & (centres < bounds[:, 1:])  # (clip, L)
    frames = np.flatnonzero(inside)
    if not len(frames):
        raise UserError(Problem("codes", "no clip has a frame in this span", "span", span))
    drawn: np.ndarray = frames[draw_rows(len(frames), count, seed)]
    return drawn
