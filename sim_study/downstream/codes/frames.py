"""Frames of layers: where they lie in time, how large their codes are, and which ones are chosen.

Frame j of the last conv layer (10 ms apart) sees a stretch of sound whose centre is frame
`step * j + offset` of a finer layer. For the default stack, module 0 (20 samples a frame):

    module 0    8j-3 8j-2 8j-1  8j | 8j+1 8j+2 8j+3 8j+4      step 8, offset 0.5
    last        ---------------- frame j ---------------
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np

from sim_study.config.geometry import module_layers
from sim_study.config.model import ModelConfig
from sim_study.data.clips import Split
from sim_study.data.utterances import Utterances

KEPT_BYTES = 2**30
"""Codes of a split up to this size stay in memory. Those of a larger one (100 hours at 512
channels: 250 GB a protocol) are made anew in every pass, and come out the same."""

CLIP_FRAMES: dict[Split, int] = {"train": 2_000, "test": 1_000}
LABELLED_FRAMES: dict[Split, int] = {"train": 4_000, "test": 2_000}
"""Frames kept of each split. At 512 channels in three modules and a context of 256, frames of
clips take 22 MB for each protocol, and as much for each part of a syllable (means only); labelled
ones 86 MB, single and as phone probes read them."""


PHONE_FRAMES = 6_000
"""Training frames that a converged probe of phones is fitted to, drawn at random from all
utterances, the same for every arm. It is scored on every test frame."""
MOST_CLIPS = 8_192
MOST_UTTERANCES = 200
MOST_FRAMES = 4_000
"""An online probe costs the same however large the corpus is: so many clips are drawn for it, or
frames out of so many utterances."""


Kind = TypeVar("Kind")
"""What codes are of: a layer, or more than that."""


@dataclass(frozen=True)
class FrameGrid:
    """A layer's frames beside those of the last layer, or samples beside a layer's frames.

    Args:
        step: Frames of the layer in the time of one frame of the last.
        offset: Where the centre of the last layer's frame 0 lies, in frames of the layer.
    """

    step: int
    offset: float

    def centres(self, length: int) -> np.ndarray:
        """Return where the centres of so many frames lie, (frame,) float64."""
        return self.step * np.arange(length) + self.offset

    def nearest(self, frames: np.ndarray, length: int) -> np.ndarray:
        """Return the layer's frame at the same time as each frame of the last layer.

        Between two equally near ones, the earlier.

        Args:
            frames: (frame,) indices into the last layer.
            length: Frames that the layer has.

        Returns:
            (frame,) indices into the layer.
        """
        at = np.ceil(self.step * frames + self.offset - 0.5).astype(np.int64)
        return at.clip(0, length - 1)

    def around(self, frames: np.ndarray, length: int) -> np.ndarray:
        """Return the layer's frames in the time of each frame of the last layer.

        At the ends of the sound the outermost frame stands for those that are not there.

        Args:
            frames: (frame,) indices into the last layer.
            length: Frames that the layer has.

        Returns:
            (frame, step) indices into the layer.
        """
        first = np.ceil(self.step * frames + self.offset - self.step / 2).astype(np.int64)
        inside: np.ndarray = (first[:, None] + np.arange(self.step)).clip(0, length - 1)
        return inside


def frame_grids(model: ModelConfig) -> dict[str, FrameGrid]:
    """Return the grid of every layer, by name; that of the last module and the context is 1:1."""
    shapes = _shapes(model)
    grids = {
        f"module_{number}": _grid_before(shapes[layers.stop :])
        for number, layers in enumerate(module_layers(model))
    }
    return grids | {"context": _grid_before([])}


def sample_grids(model: ModelConfig) -> dict[str, FrameGrid]:
    """Return where every layer's frames lie in the sound, by name.

    A frame is at the centre of the stretch of sound that its convolutions see: frame j of a layer
    at sample `step * j + offset`. The context's frame j is at the place of the last module's,
    though it has heard all before.
    """
    shapes = _shapes(model)
    stops = [layers.stop for layers in module_layers(model)]
    grids = {f"module_{number}": _grid_before(shapes[:stop]) for number, stop in enumerate(stops)}
    return grids | {"context": grids[f"module_{len(stops) - 1}"]}


def _shapes(model: ModelConfig) -> list[tuple[int, int, int]]:
    return list(zip(model.kernel_sizes, model.strides, model.paddings, strict=True))


def _grid_before(shapes: Sequence[tuple[int, int, int]]) -> FrameGrid:
    """Return where frames lie among those that enter layers of kernel, stride and padding."""
    step, offset = 1, 0.0
    for kernel, stride, padding in reversed(shapes):
        step, offset = stride * step, stride * offset - padding + (kernel - 1) / 2
    return FrameGrid(step, offset)


def code_bytes(model: ModelConfig, frames: int) -> int:
    """Return the bytes of the codes of every layer at so many frames of the last one."""
    channels = model.channels * len(module_layers(model)) + model.context_channels
    return frames * channels * 4  # float32


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
