"""One FLAC file of known length, decoded and compared with its own checksum."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import soundfile

from sim_study.data.librispeech.headers import reason_of


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
        return reason_of(error, path)
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
