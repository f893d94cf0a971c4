"""One layer's frozen latents, kept when they fit and computed when asked for when they do not."""

from __future__ import annotations

import torch

from sim_study.config.geometry import module_frames
from sim_study.data.recordings import Samples
from sim_study.downstream.codes.features import frozen_latents
from sim_study.model.encoder import Encoder

ROOM_BYTES = 2 * 2**30
"""Latents up to this size are encoded once. 100 hours of speech in windows of 1.28 s are 285,000
windows of 128 frames: at 512 channels 75 GB, which are encoded anew in every epoch instead."""


class LatentStore:
    """Posterior means of clips, by index: (clip, frame, channel) float32.

    Args:
        encoder: A frozen encoder.
        samples: (clip, sample) int16.
        layer: The layer's name.
        device: Where to encode, and where the latents that are asked for lie.
        room_bytes: The most that is kept; see `ROOM_BYTES`.
    """

    def __init__(
        self,
        encoder: Encoder,
        samples: Samples,
        layer: str,
        device: torch.device | str = "cpu",
        room_bytes: int = ROOM_BYTES,
    ) -> None:
        self._encoder, self._samples, self._layer, self._device = encoder, samples, layer, device
        model = encoder.config.model
        width = model.context_channels if layer == "context" else model.channels
        frames = module_frames(model, samples.shape[1])[layer]
        fits = len(samples) * frames * width * torch.float32.itemsize <= room_bytes
        self._kept = frozen_latents(encoder, samples, layer, device) if fits else None

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, rows: torch.Tensor) -> torch.Tensor:
        """Return the latents of some clips, (row,) int64 on the CPU: (row, frame, channel)."""
        if self._kept is not None:
            return self._kept[rows].to(self._device)
        chosen = self._samples[rows.numpy()]
        return frozen_latents(self._encoder, chosen, self._layer, self._device).to(self._device)
