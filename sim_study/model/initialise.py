"""First weights, drawn from a random stream that is given."""

from __future__ import annotations

import math

import torch
from torch import nn


@torch.no_grad()
def initialise(module: nn.Module, generator: torch.Generator) -> None:
    """Draw every convolution, linear map and GRU inside `module`, in order of registration.

    The law is PyTorch's own default: He et al. (2015) uniform with a = sqrt(5) for weights, the
    same bound for biases, and the width of the state for a GRU: U(-1/sqrt(n), 1/sqrt(n)).

    Args:
        module: Overwritten in place.
        generator: On the CPU. The draw is made there in float64, so that one seed gives the same
            weights in every dtype and on every device.
    """
    for part in module.modules():
        if isinstance(part, nn.Conv1d | nn.ConvTranspose1d | nn.Linear):
            fan_in = part.weight[0].numel()
        elif isinstance(part, nn.GRU):
            fan_in = part.hidden_size
        else:
            continue
        bound = 1 / math.sqrt(fan_in)
        for parameter in part.parameters():
            draw = torch.empty(parameter.shape, dtype=torch.float64)
            parameter.copy_(draw.uniform_(-bound, bound, generator=generator))
