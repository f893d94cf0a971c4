"""FLAC files: what their headers promise, and their samples, compared with their checksum."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from pathlib import Path

import numpy as np
import soundfile

from sim_study.data.audio import RATE_HZ
from sim_study.data.librispeech.layout import SpeechFile
from sim_study.errors import Problem


@dataclass(frozen=True)
class Headers:
    """The lengths of sounds.

    Args:
        samples: By utterance, as promised.
        damaged: What is wrong with those that have no readable header, by utterance.
        problems: Every file that is empty, of another rate or not mono.
    """

    samples: dict[str, int]
    damaged: dict[str, str]
    problems: tuple[Problem, ...]


def read_headers(sounds: Sequence[SpeechFile]) -> Headers:
    """Read the headers of all sounds; libsndfile lets other threads work meanwhile."""
    with ThreadPoolExecutor(cpu_count()) as pool:
        found = list(pool.map(lambda sound: _samples(sound.path), sounds))
    samples = {s.id: one for s, one in zip(sounds, found, strict=True) if isinstance(one, int)}
    damaged = {s.id: one for s, one in zip(sounds, found, strict=True) if isinstance(one, str)}
    return Headers(samples, damaged, tuple(one for one in found if isinstance(one, Problem)))


def _samples(path: Path) -> int | str | Problem:
    """Return a file's length in samples, what damage it has, or which law it breaks."""
    if path.stat().st_size == 0:
        return Problem(str(path), "is empty")
    try:
        info = soundfile.info(path)
    except soundfile.SoundFileError as error:
        return _reason(error, path)
    if info.channels != 1:
        return Problem(str(path), "must be mono", "channels", info.channels)
    if info.samplerate != RATE_HZ:
        return Problem(str(path), f"must be {RATE_HZ} Hz", "rate", info.samplerate)
    return int(info.frames) or Problem(str(path), "is empty")


def decode(path: Path, out: np.ndarray) -> str:
    """Decode a FLAC file into `out` (sample,) int16; other threads work meanwhile.

    Returns:
        What is wrong with the file; empty when nothing is. FLAC carries the MD5 of its samples,
        so a file that decodes to something else is found out.
    """
    try:
        with soundfile.SoundFile(path) as file:
            read = file.read(dtype="int16", out=out)
    except (OSError, soundfile.SoundFileError) as error:
        return _reason(error, path)
    if len(read) < len(out):
        return f"ends after {len(read)} of {len(out)} samples"
    promised = _md5_of_samples(path)
    if promised is not None and hashlib.md5(out.data, usedforsecurity=False).digest() != promised:
        return "its samples are not those that its checksum was made of"
    return ""


def _md5_of_samples(path: Path) -> bytes | None:
    """Return the checksum in a FLAC file's first block; None where its writer left it out."""
    with path.open("rb") as file:
        head = file.read(42)  # "fLaC", 4 bytes of block header, 34 bytes of STREAMINFO
    digest = head[26:42]
    return digest if head[:4] == b"fLaC" and any(digest) else None


def _reason(error: Exception, path: Path) -> str:
    """Say in a few words why a file cannot be read."""
    return str(error).removeprefix(f"Error opening {str(path)!r}: ").rstrip(".")
