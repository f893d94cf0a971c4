"""How much a librispeech holds that is not prepared yet, from a few headers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim_study.config.corpus import LibriSpeech
from sim_study.data.librispeech.headers import read_headers
from sim_study.data.librispeech.selection import select
from sim_study.data.librispeech.texts import read_ids
from sim_study.errors import UserError

_SAMPLED = 200
"""Files whose headers are read: the mean length of LibriSpeech's is then known to 2 %."""


class Expected(NamedTuple):
    """Counts of utterances by purpose, and their mean length in samples."""

    learnt: int
    trained: int
    labelled: int
    mean_samples: int


def expected(config: LibriSpeech) -> Expected:
    """Count utterances; short, damaged and unlabelled ones are counted too.

    Raises:
        UserError: The corpus is not there, or its split files are wrong.
    """
    selection = select(config)
    if selection.problems:
        raise UserError(*selection.problems)
    sounds = selection.sounds
    rows = np.unique(np.linspace(0, max(0, len(sounds) - 1), _SAMPLED).astype(int))
    lengths = read_headers(tuple(sounds[row] for row in rows if sounds)).samples
    trained = {name for name, split in selection.splits.items() if split == "train"}
    phones = selection.places.phones
    told = read_ids(phones)[0].keys() if phones is not None else set()
    return Expected(
        learnt=len(selection.learnt),
        trained=len(trained),
        labelled=len(trained & told),
        mean_samples=int(np.mean([*lengths.values()])) if lengths else config.clip_samples,
    )
