"""First weights, drawn from a random stream that is given."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


@torch.no_grad()
def fill_uniform(tensor: Tensor, fan_in: int, generator: torch.Generator) -> None:
    """Fill `tensor` (any shape) from U(-1/sqrt(fan_in), 1/sqrt(fan_in)).

    The draw is made in float64 on the CPU, so that one seed gives the same weights in every
    dtype and on every device.

    Args:
        tensor: Overwritten in place.
        fan_in: Inputs of one unit.
        generator: A CPU generator.
    """
    bound = 1 / math.sqrt(fan_in)
    draw = torch.empty(tensor.shape, dtype=torch.float64)
    tensor.copy_(draw.uniform_(-bound, bound, generator=generator))


def initialise(module: nn.Module, generator: torch.Generator) -> None:
    """Draw every convolution, linear map and GRU inside `module`, in order of registration.

    The law is PyTorch's own default: He et al. (2015) uniform with a = sqrt(5) for weights, the
    same bound for biases, and the width of the state for a GRU.
    """
    for part in module.modules():
        if isinstance(part, nn.Conv1d | nn.Linear):
            fan_in = part.weight[0].numel()
        elif isinstance(part, nn.GRU):
            fan_in = part.hidden_size
        else:
            continue
        for parameter in part.parameters():
            fill_uniform(parameter, fan_in, generator)
