"""Draws from a diagonal normal posterior."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


def reparameterise(mu: Tensor, log_var: Tensor, noise: Tensor) -> Tensor:
    """Return mu + exp(log_var / 2) * noise, differentiable in mu and log_var (any shape).

    The gradient in log_var is half the draw's distance from mu times the incoming gradient, so
    that distance is all that is kept for it; autograd would keep the deviation and the noise.

    Args:
        mu: Posterior means.
        log_var: Natural logarithm of the variances.
        noise: N(0, 1) values of the same shape and dtype, which are overwritten.

    Source: Kingma & Welling (2014), section 2.4.
    """
    draw: Tensor = _Reparameterise.apply(mu, log_var, noise)
    return draw


class _Reparameterise(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, mu: Tensor, log_var: Tensor, noise: Tensor) -> Tensor:
        distance = noise.mul_((0.5 * log_var).exp_())
        ctx.save_for_backward(distance)
        return mu + distance

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, Tensor, None]:
        (distance,) = ctx.saved_tensors
        return slopes[0], (0.5 * slopes[0]).mul_(distance), None


Streams = torch.Generator | Sequence[torch.Generator]
"""One random stream for a whole batch, or one for each of its rows."""


def standard_normal(like: Tensor, generator: Streams) -> Tensor:
    """Draw independent N(0, 1) values with the shape, dtype and device of `like` (batch, ...).

    With a stream for each row, a row's values do not depend on what else is in the batch.
    """
    full = torch.promote_types(like.dtype, torch.float32)  # bfloat16 is drawn slowly, coarsely
    values = torch.empty(like.shape, dtype=full, device=like.device)
    if isinstance(generator, torch.Generator):
        values.normal_(generator=generator)
    else:
        for row, own in zip(values, generator, strict=True):
            row.normal_(generator=own)
    return values.to(like.dtype)
