"""What a prepared librispeech is made from; equal recipes, equal corpora."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sim_study.config.corpus import LibriSpeech
from sim_study.config.identity import content_hash
from sim_study.data.audio import RATE_HZ
from sim_study.data.librispeech.layout import NAME
from sim_study.data.librispeech.selection import select

FORMAT_VERSION = 1
"""Raised when the same recipe gives another corpus, so that no old folder is taken for it."""


def recipe_of_librispeech(config: LibriSpeech) -> dict[str, object]:
    """Return everything that the prepared corpus is made from, as plain values.

    Sounds count by subset and name, size and time of change, texts by content: moving the
    folder as a whole, or adding subsets that are not used, changes nothing.

    Raises:
        UserError: The corpus is not there.
    """
    selection = select(config)
    places = selection.places
    sounds = [
        [sound.subset, sound.id, stat.st_size, stat.st_mtime_ns]
        for sound in selection.sounds
        if (stat := sound.path.stat())
    ]
    return {
        "name": NAME,
        "format": FORMAT_VERSION,
        "rate_hz": RATE_HZ,
        "clip_samples": config.clip_samples,
        "pretrain": sorted(config.pretrain),
        "sounds": content_hash(sounds, length=64),
        "train_split": _content(places.train_split),
        "test_split": _content(places.test_split),
        "phones": _content(places.phones),
        "phone_names": _content(places.phone_names),
    }


def _content(path: Path | None) -> str | None:
    if path is None:
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
