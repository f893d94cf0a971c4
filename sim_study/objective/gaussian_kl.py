"""Kullback-Leibler divergence of a diagonal normal posterior from the standard normal."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from sim_study.config.train import KlReduction


def kl_nats_per_frame(mu: Tensor, log_var: Tensor) -> Tensor:
    """Return KL(N(mu, exp(log_var)) || N(0, 1)) of every frame's latent vector.

    Args:
        mu: Posterior means (batch, frame, channel).
        log_var: Natural logarithm of the variances (batch, frame, channel).

    Returns:
        Nats, summed over channels (batch, frame); float32 where the inputs have less precision.

    Source: Kingma & Welling (2014), appendix B.
    """
    nats: Tensor = _GaussianKl.apply(mu, log_var)
    return nats


class _GaussianKl(torch.autograd.Function):
    """With its closed derivatives: mu, and (exp(log_var) - 1) / 2; autograd would keep copies."""

    @staticmethod
    def forward(ctx: Any, mu: Tensor, log_var: Tensor) -> Tensor:
        ctx.save_for_backward(mu, log_var)
        full = torch.promote_types(mu.dtype, torch.float32)
        terms = log_var.to(full).exp()  # (B, L, C)
        terms.sub_(log_var).addcmul_(mu, mu)
        return terms.sum(dim=2).sub_(mu.shape[2]).mul_(0.5)  # (B, L)

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, Tensor]:
        mu, log_var = ctx.saved_tensors
        slope = slopes[0].unsqueeze(2).to(mu.dtype)  # (B, L, 1)
        return mu * slope, log_var.exp().sub_(1).mul_(0.5 * slope)


def reduce_kl(nats_per_frame: Tensor, channels: int, reduction: KlReduction) -> Tensor:
    """Return the KL term of the loss as one number.

    Args:
        nats_per_frame: From `kl_nats_per_frame` (batch, frame).
        channels: Width of the latent vectors.
        reduction: frame_sum: summed over frames, mean over channels and batch, as in the paper's
            code, so its pull on one frame grows with frames / channels; channel_sum: summed over
            channels, mean over frames and batch, nats a frame.

    Returns:
        Scalar.
    """
    if reduction == "frame_sum":
        return nats_per_frame.sum(dim=1).mean() / channels
    return nats_per_frame.mean()
