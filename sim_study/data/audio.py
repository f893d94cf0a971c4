"""Sampled sound: the corpora's one rate and two lengths, resampling, integers and floats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

RATE_HZ = 16_000
WORD_SAMPLES = 10_240
SYLLABLE_SAMPLES = 8_821
FULL_SCALE = 32_768
"""Magnitude of the most negative 16-bit sample; 1.0 as a float."""

_BATCH = 256
"""Sounds resampled at once; bounds the memory for large corpora."""


def to_float(samples: np.ndarray | torch.Tensor) -> torch.Tensor:
    """Convert int16 samples (..., sample) to float32 in [-1, 1), same shape, as a new tensor.

    The result of a tensor is where the tensor is.
    """
    import torch

    if isinstance(samples, np.ndarray):
        return torch.from_numpy(samples.astype(np.float32)).div_(FULL_SCALE)
    return samples.to(torch.float32).div_(FULL_SCALE)


def to_int16(sound: np.ndarray) -> np.ndarray:
    """Convert floats in [-1, 1) to the nearest int16 samples, same shape; louder is clipped."""
    scaled: np.ndarray = np.rint(sound * FULL_SCALE)
    return scaled.clip(-FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


def resample(sounds: Sequence[np.ndarray], from_hz: int) -> list[np.ndarray]:
    """Bring sounds to 16 kHz with torchaudio's default windowed-sinc interpolation.

    The arithmetic is float64: rounding to int16 afterwards then comes out alike on every
    machine, and with it a corpus' fingerprint.

    Args:
        sounds: Each (sample,), any length, at `from_hz`.
        from_hz: Rate of all the sounds.

    Returns:
        Each (sample,) float64 at 16 kHz, ceil(samples * 16000 / from_hz) long.
    """
    import torch
    from torchaudio.functional import resample as sinc

    resampled: list[np.ndarray] = []
    for start in range(0, len(sounds), _BATCH):
        batch = sounds[start : start + _BATCH]
        padded = np.zeros((len(batch), max(map(len, batch))))  # (sound, sample)
        for row, sound in zip(padded, batch, strict=True):
            row[: len(sound)] = sound
        rows = sinc(torch.from_numpy(padded), from_hz, RATE_HZ).numpy()
        lengths = (-(-len(sound) * RATE_HZ // from_hz) for sound in batch)
        resampled.extend(row[:length] for row, length in zip(rows, lengths, strict=True))
    return resampled


def first_samples(sound: np.ndarray, length: int) -> np.ndarray:
    """Return the first `length` samples of a sound (sample,), with zeros after its end."""
    fitted = np.zeros(length, sound.dtype)
    kept = sound[:length]
    fitted[: len(kept)] = kept
    return fitted


def centred(sound: np.ndarray, length: int) -> np.ndarray:
    """Return a sound (sample,) in the middle of `length` samples, zeros around it.

    The corpus of the Smooth InfoMax paper pads its syllables this way. A sound that is longer
    keeps its first `length` samples.
    """
    before = max(0, length - len(sound)) // 2
    return first_samples(np.concatenate([np.zeros(before, sound.dtype), sound]), length)
