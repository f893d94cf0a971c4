"""Products of many rows with one weight matrix, as convolutions of width 1 on CPUs.

On CPUs, PyTorch's float32 matrix products call one library and its convolutions another. The
second is the faster where the first does not use the processor's widest registers (measured on
two AMD cores, 8128 rows of 64 to 512 channels: 480 against 210 GFLOP/s) and no slower elsewhere.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

CONVOLVED = (torch.float32, torch.bfloat16)


def rows_by_weight(rows: Tensor, weight: Tensor) -> Tensor:
    """Return rows @ weight.T.

    Args:
        rows: (batch, row, input). PyTorch takes the slow path for one image on one thread.
        weight: (output, input).

    Returns:
        (batch, row, output).
    """
    if not _convolved(rows):
        return rows @ weight.T
    return _rows(functional.conv2d(_image(rows), _kernel(weight)))


def gradients(slopes: Tensor, rows: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """Return the gradients of `rows_by_weight(rows, weight)` in both.

    Args:
        slopes: Of the loss in the product (batch, row, output).
        rows: (batch, row, input).
        weight: (output, input).

    Returns:
        slopes @ weight (batch, row, input), and slopes.T @ rows (output, input).
    """
    if not _convolved(rows):
        return slopes @ weight, slopes.flatten(0, 1).T @ rows.flatten(0, 1)
    d_image, d_kernel, _ = torch.ops.aten.convolution_backward(
        _image(slopes),
        _image(rows),
        _kernel(weight),
        None,
        [1, 1],
        [0, 0],
        [1, 1],
        False,
        [0, 0],
        1,
        [True, True, False],
    )
    return _rows(d_image), d_kernel.view_as(weight)


def _convolved(rows: Tensor) -> bool:
    return rows.device.type == "cpu" and rows.dtype in CONVOLVED


def _image(rows: Tensor) -> Tensor:
    """View (batch, row, channel) as images of height 1: (batch, channel, 1, row)."""
    return rows.unsqueeze(1).permute(0, 3, 1, 2)


def _kernel(weight: Tensor) -> Tensor:
    """View (output, input) as a kernel of width 1: (output, input, 1, 1)."""
    return weight[:, :, None, None]


def _rows(image: Tensor) -> Tensor:
    """View (batch, channel, 1, row) as (batch, row, channel)."""
    return image.squeeze(2).transpose(1, 2)
