"""Frozen latents at every frame: of anyone's sound, and of one layer for a decoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from sim_study.config.geometry import module_frames
from sim_study.config.identity import seed_for
from sim_study.data.audio import to_float
from sim_study.data.clips import Split
from sim_study.data.recordings import Samples
from sim_study.downstream.codes.features import audio_batches, check_finite, layer_generators
from sim_study.model.encoder import Encoder

ROOM_BYTES = 2 * 2**30
"""Latents up to this size are encoded once. 100 hours of speech in windows of 1.28 s are 285,000
windows of 128 frames: at 512 channels 75 GB, which are encoded anew in every epoch instead."""


def encode(
    encoder: Encoder,
    sound: np.ndarray,
    *,
    seed: int | None = None,
    device: torch.device | str = "cpu",
) -> dict[str, np.ndarray]:
    """Return every layer's latents of a sound, such as one read from a file.

    Args:
        encoder: Any encoder; set to evaluation mode and moved to `device`.
        sound: (sample,) or (clip, sample) at 16 kHz: int16, or floats in [-1, 1).
        seed: Draws the latents of a SIM encoder; None, or another method: the posterior means.
        device: Where to encode.

    Returns:
        By layer: (frame, channel), or (clip, frame, channel), float32.

    Raises:
        ValueError: The samples are other integers, whose full scale nobody knows.
        Diverged: Latents are NaN or infinite.
    """
    if sound.dtype == np.int16:
        audio = to_float(sound)
    elif np.issubdtype(sound.dtype, np.floating):
        audio = torch.from_numpy(np.ascontiguousarray(sound))
    else:
        raise ValueError(f"samples should be int16 or floats in [-1, 1), not {sound.dtype}")
    encoder.eval().to(device)
    audio = audio.to(device, next(encoder.parameters()).dtype)
    generators = None if seed is None else layer_generators(encoder, seed, device)
    with torch.inference_mode():
        encoded = encoder.encode(audio.reshape(-1, 1, sound.shape[-1]), generators)  # (B, L, C)
    latents = {layer: found.float().cpu().numpy() for layer, found in encoded.items()}
    check_finite(latents)
    return {layer: found[0] for layer, found in latents.items()} if sound.ndim == 1 else latents


@dataclass(frozen=True)
class Draws:
    """The noise of one sample of every clip's latents: a stream for each clip and module.

    A clip's sample is thereby the same with whatever clips it is encoded, and however often.

    Args:
        seed: Of the trial.
        split: The clips' split.
        number: Which of a clip's samples.
    """

    seed: int
    split: Split
    number: int = 0

    def streams(
        self, encoder: Encoder, rows: Sequence[int], device: torch.device | str
    ) -> dict[str, list[torch.Generator]]:
        """Return the streams of some clips, by their place in the split, for every module."""
        return {
            layer: [
                torch.Generator(device).manual_seed(
                    seed_for(self.seed, "clip_latents", self.split, self.number, layer, row)
                )
                for row in rows
            ]
            for layer in encoder.convolutional()
        }


def frozen_latents(
    encoder: Encoder,
    samples: Samples,
    layer: str,
    device: torch.device | str = "cpu",
    *,
    draws: Draws | None = None,
    rows: Sequence[int] | None = None,
) -> torch.Tensor:
    """Return one layer's latents at every frame.

    Args:
        encoder: Any encoder; set to evaluation mode and moved to `device`.
        samples: (clip, sample) int16.
        layer: The layer's name.
        device: Where to encode.
        draws: Latents of a method that samples are one draw, each module's from that of the one
            before; None, or another method: the posterior means.
        rows: (clip,) places in the split, by which clips get their draws; None: in order.

    Returns:
        (clip, frame, channel) float32, on the CPU.
    """
    places = range(len(samples)) if rows is None else rows
    draws = draws if encoder.config.traits.samples else None
    found, first = [], 0
    with torch.no_grad():
        for audio in audio_batches(encoder, samples, None, device):
            here = places[first : first + len(audio)]
            streams = None if draws is None else draws.streams(encoder, here, device)
            found.append(encoder.encode(audio, streams)[layer].float().cpu())
            first += len(audio)
    return torch.cat(found)


class LatentStore:
    """Latents of a split's clips, by index: (clip, frame, channel) float32.

    Args:
        encoder: A frozen encoder.
        samples: (clip, sample) int16.
        layer: The layer's name.
        device: Where to encode, and where the latents that are asked for lie.
        room_bytes: The most that is kept; see `ROOM_BYTES`.
        draws: As for `frozen_latents`; the first of all that may be asked for.
    """

    def __init__(
        self,
        encoder: Encoder,
        samples: Samples,
        layer: str,
        device: torch.device | str = "cpu",
        room_bytes: int = ROOM_BYTES,
        *,
        draws: Draws | None = None,
    ) -> None:
        self._encoder, self._samples, self._layer, self._device = encoder, samples, layer, device
        self._draws = draws if encoder.config.traits.samples else None
        model = encoder.config.model
        width = model.context_channels if layer == "context" else model.channels
        frames = module_frames(model, samples.shape[1])[layer]
        fits = len(samples) * frames * width * torch.float32.itemsize <= room_bytes
        self._kept = self._encoded(range(len(samples)), samples) if fits else None

    def draw_anew(self) -> None:
        """Take the next sample of every clip from now on; means stay as they are."""
        if self._draws is None:
            return
        self._draws = replace(self._draws, number=self._draws.number + 1)
        if self._kept is not None:
            self._kept = self._encoded(range(len(self._samples)), self._samples)

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, rows: torch.Tensor) -> torch.Tensor:
        """Return the latents of some clips, (row,) int64 on the CPU: (row, frame, channel)."""
        if self._kept is not None:
            return self._kept[rows].to(self._device)
        return self._encoded(rows.tolist(), self._samples[rows.numpy()]).to(self._device)

    def _encoded(self, rows: Sequence[int], samples: Samples) -> torch.Tensor:
        return frozen_latents(
            self._encoder, samples, self._layer, self._device, draws=self._draws, rows=rows
        )
