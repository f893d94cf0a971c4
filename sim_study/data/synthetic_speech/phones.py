"""Words of synthetic speech as utterances, with the phone of every 10 ms as espeak-ng times it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim_study.config.geometry import FRAME_SAMPLES
from sim_study.data.clip_files.corpus import ClipCorpus
from sim_study.data.clips import Clips, Split
from sim_study.data.recordings import Recordings
from sim_study.data.syllables import CONSONANTS, POSITIONS, VOWELS
from sim_study.data.utterances import Utterances

SILENCE = "silence"
PHONES = (SILENCE, *CONSONANTS, *VOWELS)
"""Silence is before and after a word; a stop's closure is the stop's."""


@dataclass(frozen=True)
class PhoneCorpus(ClipCorpus):
    """Clips of words and syllables, and the words once more as utterances with phones."""

    def utterances(self, split: Split) -> Utterances:
        """Return the words of a split; their voices are the speakers."""
        words = self.decoder_clips(split)
        return Utterances(
            ids=words.ids,
            recordings=Recordings(list(np.asarray(words.samples))),
            phones=list(phone_frames(words)),
            speakers=words.labels["voice"],
            groups=words.groups,
            classes={"phone": PHONES, "speaker": words.classes["voice"]},
        )


def phone_frames(words: Clips) -> np.ndarray:
    """Return the phone that sounds in the middle of each 10 ms of clips of words.

    Args:
        words: With spans and labels of consonant_1, vowel_1, consonant_2 ...

    Returns:
        (word, frame) int64, indices into PHONES; as many frames as the default encoder makes.
    """
    frames = words.samples.shape[1] // FRAME_SAMPLES
    middles = np.arange(frames) * FRAME_SAMPLES + FRAME_SAMPLES // 2  # (frame,)
    phones = np.full((len(words), frames), PHONES.index(SILENCE), np.int64)
    for factor, names in (("consonant", CONSONANTS), ("vowel", VOWELS)):
        for position in POSITIONS:
            begins, ends = words.spans[f"{factor}_{position}"].T[:, :, None]  # (word, 1) each
            codes = PHONES.index(names[0]) + words.labels[f"{factor}_{position}"]  # (word,)
            inside = (begins <= middles) & (middles < ends)  # (word, frame)
            phones = np.where(inside, codes[:, None], phones)
    return phones
