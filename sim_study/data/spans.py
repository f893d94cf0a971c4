"""Where something sounds in a clip, told from its energy alone.

The loudness of a consonant-vowel syllable rises at the release of the stop and stays:

    dB      ____________            nucleus: around the loudest 20 ms, while within 6 dB of it
      _____/            |___
    |consonant|  vowel  |           consonant: from the first sound to the nucleus
"""

from __future__ import annotations

import numpy as np

from sim_study.data.loudness import stretch_rms

SOUNDING_DB = 30.0
"""What lies within so many dB of a clip's loudest 10 ms sounds."""
NUCLEUS_DB = 6.0
"""What is contiguous around the loudest stretch, and within so many dB of it, is the nucleus."""

_WINDOW = 320
_HOP = 40
"""20 ms holds two periods of a voice of 100 Hz, so that loudness does not follow single ones; a
bound is told to 2.5 ms."""

Spans = dict[str, np.ndarray]
"""By name: (clip, 2) int64, first sample and one past the last."""


def sounding_spans(samples: np.ndarray) -> np.ndarray:
    """Return from where to where each clip sounds, in steps of 10 ms.

    Args:
        samples: (clip, sample) int16.

    Returns:
        (clip, 2) int64; of a silent clip the whole.
    """
    return np.array([_sounding(clip) for clip in samples], np.int64)


def syllable_spans(samples: np.ndarray) -> Spans:
    """Return where consonant and vowel of each consonant-vowel syllable sound, by its energy.

    Nobody heard or marked the recordings: the vowel's bounds are those of the loud nucleus, and the
    consonant (closure, release and the rise of the voice) is everything that sounds before it.

    Args:
        samples: (clip, sample) int16, a syllable each, with silence around it.

    Returns:
        sounding, consonant and vowel: (clip, 2) int64 each.
    """
    sounding = sounding_spans(samples)
    vowel = np.array([_nucleus(clip) for clip in samples], np.int64)
    sounding[:, 0] = np.minimum(sounding[:, 0], vowel[:, 0])
    sounding[:, 1] = np.maximum(sounding[:, 1], vowel[:, 1])
    consonant = np.stack([sounding[:, 0], vowel[:, 0]], axis=1)
    return {"sounding": sounding, "consonant": consonant, "vowel": vowel}


def _sounding(clip: np.ndarray) -> tuple[int, int]:
    rms = stretch_rms(clip)
    heard = np.flatnonzero(rms >= rms.max() * 10 ** (-SOUNDING_DB / 20))
    width = len(clip) // len(rms)
    # Samples after the last whole stretch go with it.
    last = len(clip) if heard[-1] == len(rms) - 1 else (heard[-1] + 1) * width
    return int(heard[0]) * width, int(last)


def _nucleus(clip: np.ndarray) -> tuple[int, int]:
    sums = np.concatenate([[0.0], np.cumsum(np.square(clip.astype(np.float64)))])
    starts = np.arange(0, len(clip) - _WINDOW + 1, _HOP)
    energy = sums[starts + _WINDOW] - sums[starts]  # (window,)
    peak = int(energy.argmax())
    quiet = np.flatnonzero(energy < energy[peak] * 10 ** (-NUCLEUS_DB / 10))
    before, after = quiet[quiet < peak], quiet[quiet > peak]
    # A window that is quiet has its middle outside the nucleus.
    first = (before[-1] + 1) * _HOP + _WINDOW // 2 if len(before) else 0
    last = (after[0] - 1) * _HOP + _WINDOW // 2 if len(after) else len(clip)
    return int(first), int(max(last, first + _HOP))
