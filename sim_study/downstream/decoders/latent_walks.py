"""Latent sequences that no clip was encoded to: drawn, between two clips, along one dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class LatentStatistics:
    """What each dimension of some clips' latents is like.

    Args:
        mean: (channel,), over frames and clips.
        deviation: (channel,), standard deviation over frames and clips.
        between_clips: (channel,), variance over clips of the mean over a clip's frames.
    """

    mean: torch.Tensor
    deviation: torch.Tensor
    between_clips: torch.Tensor

    def leading(self, count: int) -> list[int]:
        """Return the dimensions in which clips differ most, the first most of all.

        Twice the variance is the mean over pairs of clips of the squared difference, by which the
        contribution score ranks the dimensions of one pair.
        """
        order: list[int] = self.between_clips.argsort(descending=True, stable=True).tolist()
        return order[:count]


def latent_statistics(latents: torch.Tensor) -> LatentStatistics:
    """Measure the dimensions of latents (clip, frame, channel)."""
    exact = latents.double()
    frames = exact.flatten(0, 1)  # (N*L, C)
    return LatentStatistics(
        mean=frames.mean(dim=0).to(latents),
        deviation=frames.std(dim=0, correction=0).to(latents),
        between_clips=exact.mean(dim=1).var(dim=0, correction=0).to(latents),
    )


def drawn(count: int, frames: int, channels: int, generator: torch.Generator) -> torch.Tensor:
    """Draw sequences (sequence, frame, channel) whose every value is from N(0, 1), on its own."""
    return torch.randn(count, frames, channels, generator=generator)


def matched(standard: torch.Tensor, statistics: LatentStatistics) -> torch.Tensor:
    """Bring draws (sequence, frame, channel) from N(0, 1) to each dimension's mean and spread."""
    return statistics.mean + statistics.deviation * standard


def interpolated(first: torch.Tensor, second: torch.Tensor, parts: Sequence[float]) -> torch.Tensor:
    """Go straight from one latent sequence (frame, channel) to another: (part, frame, channel).

    A part says how much of the second: 0 is the first, 1 the second.
    """
    weights = torch.tensor(parts, dtype=first.dtype, device=first.device)[:, None, None]
    return (1 - weights) * first + weights * second


def traversed(
    latents: torch.Tensor, channel: int, deviation: float, amounts: Sequence[float]
) -> torch.Tensor:
    """Shift one channel of latents (frame, channel), in all frames alike: (amount, frame, channel).

    Its standard deviation is the unit of the amounts.
    """
    shifted = latents.repeat(len(amounts), 1, 1)  # (A, L, C)
    shifts = torch.tensor(amounts, dtype=latents.dtype, device=latents.device)
    shifted[:, :, channel] += (deviation * shifts)[:, None]
    return shifted
