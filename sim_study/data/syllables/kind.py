"""What corpora of CV syllables share: whole words to learn from, syllables with labels."""

from __future__ import annotations

from sim_study.data.amounts import Amount, CorpusAmounts
from sim_study.data.audio import RATE_HZ, SYLLABLE_SAMPLES, WORD_SAMPLES
from sim_study.data.clip_files.kind import ClipKind
from sim_study.data.kind import CorpusFacts, Settings

FORMAT_VERSION = 1
"""Raised when the same recipe gives another corpus, so that no old folder is taken for it."""


class SyllableKind(ClipKind[Settings]):
    """Words of three syllables, 0.64 s each, and the syllables cut out of them, 0.55 s each."""

    facts = CorpusFacts(
        targets=("vowel", "consonant", "syllable"),
        factors=("consonant", "vowel"),
        probed=("vowel", "syllable"),
        online="vowel",
        measured=("consonant", "vowel"),
    )
    learnt = "words"
    labelled = "syllables"
    drawn = "syllable"

    def shortest_samples(self, settings: Settings, *, labelled: bool) -> int:
        """Return the length of every syllable, or of every word."""
        return SYLLABLE_SAMPLES if labelled else WORD_SAMPLES

    def recipe(self, settings: Settings) -> dict[str, object]:
        """Return what both corpora have in common."""
        return {
            "format": FORMAT_VERSION,
            "rate_hz": RATE_HZ,
            "word_samples": WORD_SAMPLES,
            "syllable_samples": SYLLABLE_SAMPLES,
            "name": self.name,
        }

    def amounts(self, words: int, syllables: int) -> CorpusAmounts:
        """Return what so many words and syllables of the training split are."""
        of_words = Amount(words, WORD_SAMPLES)
        return CorpusAmounts(of_words, of_words, Amount(syllables, SYLLABLE_SAMPLES))
