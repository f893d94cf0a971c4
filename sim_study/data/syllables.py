"""Corpora of CV syllables: whole words to learn from, and syllables cut from them, with labels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

from sim_study.data.amounts import Amount, CorpusAmounts
from sim_study.data.audio import RATE_HZ, SYLLABLE_SAMPLES, WORD_SAMPLES, to_int16
from sim_study.data.clip_files.kind import ClipKind
from sim_study.data.clips import ClipsByPart
from sim_study.data.description import Counted
from sim_study.data.kind import CorpusFacts
from sim_study.data.loudness import (
    HELD_BACK,
    SYLLABLE_LEVEL_DB,
    LevelledSettings,
    at_level,
    clips_off_level,
)
from sim_study.data.tertiles import with_tertiles

FORMAT_VERSION = 1
"""Raised when the same recipe gives another corpus, so that no old folder is taken for it."""

CONSONANTS = ("b", "d", "g")
VOWELS = ("a", "i", "u")
SYLLABLES = tuple(consonant + vowel for consonant in CONSONANTS for vowel in VOWELS)
POSITIONS = ("1", "2", "3")
NEIGHBOURS = ("none", *SYLLABLES)

_WORD = re.compile(f"(?:[{''.join(CONSONANTS)}][{''.join(VOWELS)}]){{{len(POSITIONS)}}}")

Labels = dict[str, np.ndarray]
Classes = dict[str, tuple[str, ...]]


Levels = TypeVar("Levels", bound=LevelledSettings)


class SyllableKind(ClipKind[Levels]):
    """Words of three syllables, 0.64 s each, and the syllables cut out of them, 0.55 s each."""

    facts = CorpusFacts(
        targets=("vowel", "consonant", "syllable", "position"),
        factors=("consonant", "vowel", "position"),
        probed=("vowel", "syllable"),
        online="vowel",
        measured=("consonant", "vowel"),
        pooled="thirds",
        measured_in="frames",
    )
    learnt = "words"
    labelled = "syllables"
    drawn = "syllable"
    layout = 2
    """1: without spans, and without classes of values."""
    in_tertiles: Mapping[str, str] = {}
    """Labels that are classes of a numeric factor, each with the name of its values."""

    def shortest_samples(self, settings: Levels, *, labelled: bool) -> int:
        """Return the length of every syllable, or of every word."""
        return SYLLABLE_SAMPLES if labelled else WORD_SAMPLES

    def recipe(self, settings: Levels) -> dict[str, object]:
        """Return what both corpora have in common."""
        return {
            "format": FORMAT_VERSION,
            "rate_hz": RATE_HZ,
            "word_samples": WORD_SAMPLES,
            "syllable_samples": SYLLABLE_SAMPLES,
            "name": self.name,
            **settings.level_recipe(SYLLABLE_LEVEL_DB),
        }

    def with_derived(self, parts: ClipsByPart) -> ClipsByPart:
        """Return the clips with classes of their numeric factors."""
        whole = dict(parts)
        for (form, split), clips in parts.items():
            training = parts[form, "train"].values
            for factor, values in self.in_tertiles.items():
                clips = with_tertiles(clips, factor, values, training[values])
            whole[form, split] = clips
        return whole

    def counted(self, settings: Levels, parts: ClipsByPart) -> dict[str, Counted]:
        """Return the clips that are not at the corpus' level, lest their peaks be clipped."""
        if settings.normalise == "none":
            return {}
        off = [
            clips.ids[row]
            for clips in parts.values()
            for row in np.flatnonzero(clips_off_level(np.asarray(clips.samples), SYLLABLE_LEVEL_DB))
        ]
        return {HELD_BACK: Counted.of(off)} if off else {}

    def amounts(self, words: int, syllables: int) -> CorpusAmounts:
        """Return what so many words and syllables of the training split are."""
        of_words = Amount(words, WORD_SAMPLES)
        return CorpusAmounts(of_words, of_words, Amount(syllables, SYLLABLE_SAMPLES))


def finished(sounds: Sequence[np.ndarray], settings: LevelledSettings) -> np.ndarray:
    """Bring clips to the corpus' level, if it has one, and round them.

    Args:
        sounds: Each (sample,) floats in [-1, 1), all of one length.
        settings: Of the corpus.

    Returns:
        (clip, sample) int16.
    """
    if settings.normalise == "rms":
        sounds = [at_level(sound, SYLLABLE_LEVEL_DB).sound for sound in sounds]
    return to_int16(np.stack(sounds))


def is_word(text: str) -> bool:
    """Whether `text` is three of the nine syllables, such as babagi."""
    return _WORD.fullmatch(text) is not None


def syllables_of(word: str) -> list[int]:
    """Return the codes (0-8) of a word's three syllables."""
    return [SYLLABLES.index(word[start : start + 2]) for start in range(0, len(word), 2)]


def word_labels(words: Sequence[str]) -> tuple[Labels, Classes]:
    """Label word clips with what is spoken at each position.

    Returns:
        Codes (clip,) int64 and class names of consonant_1..3, vowel_1..3, syllable_1..3.
    """
    codes = np.array([syllables_of(word) for word in words], np.int64)  # (clip, position)
    labels: Labels = {}
    classes: Classes = {}
    for index, position in enumerate(POSITIONS):
        for factor, (values, names) in _factors(codes[:, index]).items():
            labels[f"{factor}_{position}"] = values
            classes[f"{factor}_{position}"] = names
    return labels, classes


def syllable_labels(words: Sequence[str], positions: Sequence[int]) -> tuple[Labels, Classes]:
    """Label syllable clips with what is spoken, where in the word, and between what.

    Args:
        words: The word that each clip was cut from.
        positions: Its place in the word, 0-2.

    Returns:
        Codes (clip,) int64 and class names of consonant, vowel, syllable, position, previous
        and next (the neighbouring syllable, or none).
    """
    codes = np.array([syllables_of(word) for word in words], np.int64)  # (clip, position)
    where = np.asarray(positions, np.int64)
    clip = np.arange(len(where))
    neighbours = np.pad(codes + 1, ((0, 0), (1, 1)))  # (clip, position + 2), 0: none
    found = _factors(codes[clip, where])
    found["position"] = (where, POSITIONS)
    found["previous"] = (neighbours[clip, where], NEIGHBOURS)
    found["next"] = (neighbours[clip, where + 2], NEIGHBOURS)
    labels = {factor: values for factor, (values, _) in found.items()}
    return labels, {factor: names for factor, (_, names) in found.items()}


def _factors(syllables: np.ndarray) -> dict[str, tuple[np.ndarray, tuple[str, ...]]]:
    return {
        "consonant": (syllables // len(VOWELS), CONSONANTS),
        "vowel": (syllables % len(VOWELS), VOWELS),
        "syllable": (syllables, SYLLABLES),
    }
