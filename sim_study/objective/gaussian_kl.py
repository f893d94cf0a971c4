"""Kullback-Leibler divergence of a diagonal normal posterior from the standard normal."""

from __future__ import annotations

from torch import Tensor

from sim_study.config.objective import KlReduction


def kl_nats_per_frame(mu: Tensor, log_var: Tensor) -> Tensor:
    """Return KL(N(mu, exp(log_var)) || N(0, 1)) of every frame's latent vector.

    Args:
        mu: Posterior means (batch, frame, channel).
        log_var: Natural logarithm of the variances (batch, frame, channel).

    Returns:
        Nats, summed over channels (batch, frame).

    Source: Kingma & Welling (2014), appendix B.
    """
    return (log_var.exp() + mu.square() - log_var - 1).sum(dim=2) * 0.5  # (B, L)


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
