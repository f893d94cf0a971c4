"""One loudness for every clip: what its level is, and how it is brought to another.

A sound's level is the RMS of its loud parts: of those 10 ms stretches whose own RMS lies within
20 dB of the fifth loudest stretch's (a click is shorter than the 50 ms that five take). Silence
around a sound, pauses and closures do not count, so the level of a vowel does not depend on how
much silence a clip is padded with.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from pydantic import Field

from sim_study.config.geometry import FRAME_SAMPLES
from sim_study.data.audio import FULL_SCALE
from sim_study.data.kind import CorpusSettings

LOUD_DB = 20.0
"""How far below the fifth loudest stretch one may be that still counts."""
_LOUDEST = 5  # stretches

SYLLABLE_LEVEL_DB = -20.0
"""Of words and syllables, in dB below full scale: the median of both corpora as they come. Their
peaks lie up to 17 dB above their level."""
UTTERANCE_LEVEL_DB = -24.0
"""Of whole utterances, whose peaks lie up to 24 dB above their level."""

TOLERANCE_DB = 0.1
"""A clip that misses the level by more was held back to save its peaks."""


HELD_BACK = "below the corpus' level, so that no peak is clipped"
"""Counts such clips in a corpus' description."""


class LevelledSettings(CorpusSettings):
    """Settings of a corpus whose sounds can be brought to one loudness."""

    normalise: Literal["rms", "none"] = Field(
        "rms",
        description="rms: every clip (of whole recordings, every recording) at one level, the RMS "
        "of its loud parts. none: as loud as it comes, as before version 0.2.",
    )

    def level_recipe(self, level_db: float) -> dict[str, object]:
        """Return what a recipe says of loudness; nothing where it is left as it comes.

        Args:
            level_db: What sounds are brought to, in dB of full scale.
        """
        return {} if self.normalise == "none" else {"normalise": "rms", "level_db": level_db}


class Levelled(NamedTuple):
    """A sound at another loudness.

    Args:
        sound: (sample,) float64 in [-1, 1).
        held_back: Whether it is quieter than asked for, so that no sample is clipped.
    """

    sound: np.ndarray
    held_back: bool


def stretch_rms(sound: np.ndarray) -> np.ndarray:
    """Return the RMS of each whole 10 ms stretch of a sound (sample,): (stretch,) float64."""
    whole = len(sound) // FRAME_SAMPLES
    stretches = sound[: whole * FRAME_SAMPLES].astype(np.float64).reshape(whole, FRAME_SAMPLES)
    rms: np.ndarray = np.sqrt(np.square(stretches).mean(axis=1))
    return rms


def loud_rms(sound: np.ndarray) -> float:
    """Return a sound's level, the RMS of its loud parts; 0 of silence.

    Args:
        sound: (sample,) of at least 10 ms, any scale.

    Returns:
        In the sound's own unit, so twice the sound has twice the level.
    """
    rms = np.sort(stretch_rms(sound))
    heard = rms[rms > 0]
    if not len(heard):
        return 0.0
    loud = heard[heard >= heard[-min(_LOUDEST, len(heard))] * 10 ** (-LOUD_DB / 20)]
    return float(np.sqrt(np.square(loud).mean()))


def level_db(samples: np.ndarray) -> float:
    """Return the level of int16 samples (sample,) in dB of full scale; of silence -inf."""
    level = loud_rms(samples) / FULL_SCALE
    return float(20 * np.log10(level)) if level else -np.inf


def at_level(sound: np.ndarray, wanted_db: float) -> Levelled:
    """Bring a sound to a level, or as near as its peaks allow; silence stays silence.

    Args:
        sound: (sample,) floats in [-1, 1).
        wanted_db: In dB of full scale.
    """
    level = loud_rms(sound)
    if level == 0:
        return Levelled(sound, held_back=False)
    wanted: float = 10 ** (wanted_db / 20) / level
    most = (FULL_SCALE - 1) / FULL_SCALE / float(np.abs(sound).max())
    return Levelled(sound * min(wanted, most), held_back=most < wanted)


def clips_off_level(samples: np.ndarray, wanted_db: float) -> np.ndarray:
    """Return which clips (clip, sample) int16 miss a level by more than 0.1 dB: (clip,) bool."""
    levels = np.array([level_db(clip) for clip in samples])
    return np.abs(levels - wanted_db) > TOLERANCE_DB
