"""How many frames come out of a conv stack: arithmetic only."""

from __future__ import annotations

from itertools import accumulate, pairwise, starmap

from sim_study.config.model import ModelConfig

FRAME_SAMPLES = 160
"""Samples a phone's label stands for, and a frame of the default stack: 10 ms at 16 kHz."""


def conv_frames(frames: int, kernel: int, stride: int, padding: int) -> int:
    """Return the output frames of one convolution of `frames` inputs.

    Args:
        frames: Input length, in samples or frames.
        kernel: Kernel width, in input frames.
        stride: Step, in input frames.
        padding: Zeros on each side, in input frames.
    """
    return max((frames + 2 * padding - kernel) // stride + 1, 0)


def layer_frames(model: ModelConfig, samples: int) -> tuple[int, ...]:
    """Return the frames after every conv layer for a clip of `samples`."""
    lengths = [samples]
    for kernel, stride, padding in zip(
        model.kernel_sizes, model.strides, model.paddings, strict=True
    ):
        lengths.append(conv_frames(lengths[-1], kernel, stride, padding))
    return tuple(lengths[1:])


def module_frames(model: ModelConfig, samples: int) -> dict[str, int]:
    """Return the latent frames of every layer, by name; the context has the last module's."""
    after_layer = layer_frames(model, samples)
    lengths = {
        f"module_{index}": after_layer[layers.stop - 1]
        for index, layers in enumerate(module_layers(model))
    }
    lengths["context"] = after_layer[-1]
    return lengths


def module_layers(model: ModelConfig) -> tuple[range, ...]:
    """Return the conv layers (counted from 0 over the whole stack) of each module."""
    return tuple(starmap(range, pairwise(accumulate(model.layers_per_module, initial=0))))
