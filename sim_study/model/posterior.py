"""Draws from a diagonal normal posterior."""

from __future__ import annotations

import torch
from torch import Tensor


def reparameterise(mu: Tensor, log_var: Tensor, noise: Tensor) -> Tensor:
    """Return mu + exp(log_var / 2) * noise, differentiable in mu and log_var (any shape).

    Source: Kingma & Welling (2014), section 2.4.
    """
    return torch.addcmul(mu, torch.exp(0.5 * log_var), noise)


def standard_normal(like: Tensor, generator: torch.Generator) -> Tensor:
    """Draw independent N(0, 1) values with the shape, dtype and device of `like`."""
    return torch.empty_like(like, requires_grad=False).normal_(generator=generator)
