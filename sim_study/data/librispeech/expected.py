"""How much a librispeech holds that is not prepared yet, from a few headers."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import numpy as np

from sim_study.data.amounts import Amount, CorpusAmounts
from sim_study.data.librispeech.flac import read_headers
from sim_study.data.librispeech.selection import Selection, select
from sim_study.data.librispeech.settings import LibriSpeech
from sim_study.data.librispeech.texts import read_ids
from sim_study.errors import UserError

_SAMPLED = 200
"""Files whose headers are read: the mean length of LibriSpeech's is then known to 2 %."""


def expected(settings: LibriSpeech) -> CorpusAmounts:
    """Count utterances; short, damaged and unlabelled ones are counted too.

    Raises:
        UserError: The corpus is not there, or its split files are wrong.
    """
    selection = select(settings)
    if selection.problems:
        raise UserError(*selection.problems)
    trained = {name for name, split in selection.splits.items() if split == "train"}
    phones = selection.places.phones
    labelled = trained & read_ids(phones)[0].keys() if phones is not None else set()
    clip = settings.clip_samples
    learnt, decoded = _lot(selection, selection.learnt, clip)
    _, probed = _lot(selection, trained, clip)
    spoken, _ = _lot(selection, labelled, clip)
    return CorpusAmounts(learnt, decoded, probed, spoken if labelled else None)


def _lot(selection: Selection, ids: AbstractSet[str], clip: int) -> tuple[Amount, Amount]:
    """Some utterances, and the clips of `clip` samples that they are cut into."""
    sounds = [sound for sound in selection.sounds if sound.id in ids]
    chosen = np.unique(np.linspace(0, len(sounds) - 1, _SAMPLED).astype(int)) if sounds else ()
    lengths = np.array([*read_headers([sounds[row] for row in chosen]).samples.values()])
    if not len(lengths):
        return Amount(len(sounds), clip), Amount(len(sounds), clip)
    cut = round(len(sounds) * float(np.mean(lengths // clip)))
    return Amount(len(sounds), int(lengths.mean())), Amount(cut, clip)
