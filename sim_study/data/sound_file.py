"""One sound file: read whole, or a problem that names it."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import soundfile

from sim_study.errors import Problem

_UNKNOWN_SIZE = 0xFFFFFFFF
"""What a program that streams a WAV writes as the size of its data."""


def read_sound(path: Path, rate_hz: int) -> np.ndarray | Problem:
    """Read a mono sound file.

    Args:
        path: WAV, FLAC or whatever else libsndfile reads.
        rate_hz: The rate the file must have.

    Returns:
        (sample,) float32 in [-1, 1), exact for 16-bit files; or what is wrong with the file:
        unreadable, truncated, empty, silent, not finite, not mono, another rate.
    """
    try:
        with soundfile.SoundFile(path) as file:
            promised, rate, channels = file.frames, file.samplerate, file.channels
            sound = file.read(dtype="float32", always_2d=True)  # (sample, channel)
        missing = max(promised - len(sound), _missing_wav_bytes(path))
    except (OSError, soundfile.SoundFileError) as error:
        reason = str(error).removeprefix(f"Error opening {str(path)!r}: ").rstrip(".")
        return Problem(str(path), f"cannot be read ({reason})")
    if channels != 1:
        return Problem(str(path), "must be mono", "channels", channels)
    if rate != rate_hz:
        return Problem(str(path), f"must be {rate_hz} Hz", "rate", rate)
    if missing > 0:
        return Problem(str(path), "is truncated: its header promises more than there is")
    if not sound.any():
        return Problem(str(path), "is silent: every sample is 0" if len(sound) else "is empty")
    if not np.isfinite(sound).all():
        return Problem(str(path), "holds samples that are not finite numbers")
    return np.ascontiguousarray(sound[:, 0])


def _missing_wav_bytes(path: Path) -> int:
    """Bytes that a WAV's data chunk lacks; libsndfile reads a truncated one without a word."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return 0
        while len(header := file.read(8)) == 8:
            name, length = struct.unpack("<4sI", header)
            if name == b"data":
                return 0 if length == _UNKNOWN_SIZE else file.tell() + length - size
            file.seek(length + length % 2, 1)
    return 0
