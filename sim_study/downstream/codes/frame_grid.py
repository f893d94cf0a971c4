"""Where the frames of every layer lie on the clock of the last one.

Frame j of the last conv layer (10 ms apart) sees a stretch of sound whose centre is frame
`step * j + offset` of a finer layer. For the default stack, module 0 (20 samples a frame):

    module 0    8j-3 8j-2 8j-1  8j | 8j+1 8j+2 8j+3 8j+4      step 8, offset 0.5
    last        ---------------- frame j ---------------
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim_study.config.geometry import module_layers
from sim_study.config.model import ModelConfig


@dataclass(frozen=True)
class FrameGrid:
    """A layer's frames beside those of the last layer.

    Args:
        step: Frames of the layer in the time of one frame of the last.
        offset: Where the centre of the last layer's frame 0 lies, in frames of the layer.
    """

    step: int
    offset: float

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
    shapes = list(zip(model.kernel_sizes, model.strides, model.paddings, strict=True))
    grids = {}
    for number, layers in enumerate(module_layers(model)):
        step, offset = 1, 0.0
        for kernel, stride, padding in reversed(shapes[layers.stop :]):
            step, offset = stride * step, stride * offset - padding + (kernel - 1) / 2
        grids[f"module_{number}"] = FrameGrid(step, offset)
    return grids | {"context": FrameGrid(1, 0.0)}
