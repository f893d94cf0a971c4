"""What the headers of sound files promise, read before anything is decoded."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from pathlib import Path

import soundfile

from sim_study.data.audio import RATE_HZ
from sim_study.data.librispeech.layout import Sound
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


def read_headers(sounds: Sequence[Sound]) -> Headers:
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
        return reason_of(error, path)
    if info.channels != 1:
        return Problem(str(path), "must be mono", "channels", info.channels)
    if info.samplerate != RATE_HZ:
        return Problem(str(path), f"must be {RATE_HZ} Hz", "rate", info.samplerate)
    return int(info.frames) or Problem(str(path), "is empty")


def reason_of(error: Exception, path: Path) -> str:
    """Say in a few words why a file cannot be read."""
    return str(error).removeprefix(f"Error opening {str(path)!r}: ").rstrip(".")
