"""How much a librispeech holds that is not prepared yet, from a few headers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim_study.config.corpus import LibriSpeech
from sim_study.data.librispeech.headers import read_headers
from sim_study.data.librispeech.layout import Sound
from sim_study.data.librispeech.selection import select
from sim_study.data.librispeech.texts import read_ids
from sim_study.errors import UserError

_SAMPLED = 200
"""Files whose headers are read: the mean length of LibriSpeech's is then known to 2 %."""


class Lot(NamedTuple):
    """Some utterances: how many, their mean length, and clips that they are cut into."""

    utterances: int
    mean_samples: int
    clips: int


class Expected(NamedTuple):
    """What encoders learn from, what probes learn from, and what of that has phones."""

    learnt: Lot
    trained: Lot
    labelled: Lot


def expected(config: LibriSpeech) -> Expected:
    """Count utterances; short, damaged and unlabelled ones are counted too.

    Raises:
        UserError: The corpus is not there, or its split files are wrong.
    """
    selection = select(config)
    if selection.problems:
        raise UserError(*selection.problems)
    trained = {name for name, split in selection.splits.items() if split == "train"}
    phones = selection.places.phones
    told = read_ids(phones)[0].keys() if phones is not None else set()
    lots = (
        _lot([sound for sound in selection.sounds if sound.id in own], config.clip_samples)
        for own in (selection.learnt, trained, trained & told)
    )
    return Expected(*lots)


def _lot(sounds: Sequence[Sound], clip_samples: int) -> Lot:
    chosen = np.unique(np.linspace(0, len(sounds) - 1, _SAMPLED).astype(int)) if sounds else ()
    headers = read_headers([sounds[row] for row in chosen])
    lengths = np.array([*headers.samples.values()])
    if not len(lengths):
        return Lot(len(sounds), clip_samples, len(sounds))
    clips = len(sounds) * np.mean(lengths // clip_samples)
    return Lot(len(sounds), int(lengths.mean()), round(clips))
