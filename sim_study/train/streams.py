"""Random streams that depend on nothing but seed, purpose, layer and epoch.

Every module draws its negatives, windows and normal noise from streams of its own, so that its
training does not depend on which modules follow it. Every epoch starts new streams, so that a
training resumed between two epochs needs no generator state.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from sim_study.config.identity import seed_for
from sim_study.model.posterior import standard_normal


class Draws(Protocol):
    """What one module's step needs drawn."""

    def noise(self, like: Tensor, window: slice) -> Tensor:
        """Return N(0, 1) values for the frames `window` of `like` (batch, frame, channel)."""

    def begin(self, frames: int, window_frames: int) -> int:
        """Return the first frame of a uniformly placed window."""

    def permutations(self, count: int, size: int) -> Tensor:
        """Return `count` permutations of 0 .. size - 1: (count, size) int64."""


class ModuleStreams:
    """One module's draws during one epoch.

    Args:
        seed: The trial's seed.
        layer: The module.
        epoch: Counted from 1.
        device: Where noise and permutations are drawn.
    """

    def __init__(self, seed: int, layer: str, epoch: int, device: torch.device | str) -> None:
        self._noise = stream(device, seed, "noise", layer, epoch)
        self._windows = stream("cpu", seed, "windows", layer, epoch)
        self._negatives = stream(device, seed, "negatives", layer, epoch)

    def noise(self, like: Tensor, window: slice) -> Tensor:
        """Return N(0, 1) values for the frames `window` of `like` (batch, frame, channel)."""
        return standard_normal(like[:, window], self._noise)

    def begin(self, frames: int, window_frames: int) -> int:
        """Return the first frame of a uniformly placed window."""
        places = frames - window_frames + 1
        return int(torch.randint(places, (1,), generator=self._windows))

    def permutations(self, count: int, size: int) -> Tensor:
        """Return `count` permutations of 0 .. size - 1: (count, size) int64."""
        device = self._negatives.device
        if device.type == "cuda":  # one sort instead of many small ones, which wait for dispatch
            keys = torch.rand(
                count, size, generator=self._negatives, device=device, dtype=torch.float64
            )
            return keys.argsort(dim=1, stable=True)
        draws = [
            torch.randperm(size, generator=self._negatives, device=device) for _ in range(count)
        ]
        return torch.stack(draws)


def stream(device: torch.device | str, *parts: object) -> torch.Generator:
    """Return a generator on `device`, seeded by `parts` alone."""
    return torch.Generator(device=device).manual_seed(seed_for(*parts))
