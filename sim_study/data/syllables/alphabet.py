"""The nine syllables that both corpora are spoken in, and the labels a word gives its clips."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

CONSONANTS = ("b", "d", "g")
VOWELS = ("a", "i", "u")
SYLLABLES = tuple(consonant + vowel for consonant in CONSONANTS for vowel in VOWELS)
POSITIONS = ("1", "2", "3")
NEIGHBOURS = ("none", *SYLLABLES)

_WORD = re.compile(f"(?:[{''.join(CONSONANTS)}][{''.join(VOWELS)}]){{{len(POSITIONS)}}}")

Labels = dict[str, np.ndarray]
Classes = dict[str, tuple[str, ...]]


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
