"""The corpus synthetic-speech: words of three CV syllables, spoken by espeak-ng."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from sim_study.data.audio import (
    FULL_SCALE,
    RATE_HZ,
    SYLLABLE_SAMPLES,
    WORD_SAMPLES,
    centred,
    first_samples,
    resample,
)
from sim_study.data.clips import SPLITS, Clips, ClipsByPart, Split
from sim_study.data.progress import Report
from sim_study.data.spans import Spans
from sim_study.data.syllables import (
    POSITIONS,
    SYLLABLES,
    Classes,
    Labels,
    finished,
    syllable_labels,
    word_labels,
)
from sim_study.data.synthetic_speech.espeak import RATE_HZ as ESPEAK_RATE_HZ
from sim_study.data.synthetic_speech.espeak import Phrase, Spoken, check_voices, speak
from sim_study.data.synthetic_speech.kind import SyntheticSpeech
from sim_study.errors import Problem, UserError

_FADE_SAMPLES = 32
"""2 ms at each end of a cut syllable: a bare cut through a vowel would click."""


@dataclass(frozen=True)
class Draw:
    """One word to be spoken: what, by whom, how high and how fast.

    Args:
        word: Three syllables, such as babagi.
        voice: Index into the configured voices.
        pitch: 0-99.
        rate_wpm: Words a minute.
    """

    word: str
    voice: int
    pitch: int
    rate_wpm: int


def synthesise(config: SyntheticSpeech, report: Report) -> ClipsByPart:
    """Speak, resample and cut the whole corpus; a pure function of `config`.

    Syllables are cut out of the spoken words where espeak-ng says that their consonant begins,
    which is where its closure begins: a cut syllable keeps its closure, burst and transitions
    as the neighbours shaped them, as the cut recordings of artificial speech do. Where phones sound
    in the clips is what espeak-ng says, too.

    Raises:
        UserError: A voice is unknown or softens its stops, or espeak-ng cannot speak.
    """
    check_voices(config.voices, config.name)
    splits = draw_words(config)
    draws = [draw for split in SPLITS for draw in splits[split]]
    report(f"{config.name}: speaking {len(draws)} words")
    spoken = speak([_phrase(draw, config.voices) for draw in draws])
    _check_pronunciation(config, draws, spoken)
    sounds = resample([one.samples / FULL_SCALE for one in spoken], ESPEAK_RATE_HZ)
    parts: dict[tuple[str, Split], Clips] = {}
    begin, count = 0, len(POSITIONS)
    for split in SPLITS:
        own = splits[split]
        numbers = np.arange(begin, begin + len(own))
        names = [f"{number:05d}-{draw.word}" for number, draw in zip(numbers, own, strict=True)]
        words = [first_samples(sounds[number], WORD_SAMPLES) for number in numbers]
        labels = word_labels([draw.word for draw in own])
        bounds = np.array([phone_bounds(spoken[number]) for number in numbers])  # (word, 7)
        spans = word_spans(bounds)
        parts["words", split] = _clips(names, words, own, numbers, labels, spans, config)
        cuts = [
            cut
            for number, of_word in zip(numbers, bounds, strict=True)
            for cut in _cut(sounds[number], of_word)
        ]
        syllables = [centred(cut, SYLLABLE_SAMPLES) for cut in cuts]
        each = [draw for draw in own for _ in range(count)]
        labels = syllable_labels([draw.word for draw in each], [*range(count)] * len(own))
        ids = [
            f"{name}-{position}-{draw.word[2 * index : 2 * index + 2]}"
            for name, draw in zip(names, own, strict=True)
            for index, position in enumerate(POSITIONS)
        ]
        groups = np.repeat(numbers, count)
        spans = syllable_spans(bounds)
        parts["syllables", split] = _clips(ids, syllables, each, groups, labels, spans, config)
        begin += len(own)
    return parts


def draw_words(config: SyntheticSpeech) -> dict[Split, list[Draw]]:
    """Draw what is spoken: no (word, voice) pair of one split occurs in the other.

    Pairs are used up before one is spoken again (with another pitch and rate).
    """
    rng = np.random.default_rng(config.seed)
    words = ["".join(three) for three in product(SYLLABLES, repeat=len(POSITIONS))]
    pairs = [(word, voice) for word in words for voice in range(len(config.voices))]
    order = rng.permutation(len(pairs))
    wanted = {"train": config.train_words, "test": config.test_words}
    share = round(len(pairs) * config.test_words / sum(wanted.values()))
    reserved = min(max(share, 1), len(pairs) - 1)
    own = {"test": order[:reserved], "train": order[reserved:]}
    draws: dict[Split, list[Draw]] = {}
    for split in SPLITS:
        chosen = np.resize(own[split], wanted[split])
        pitches = rng.integers(*config.pitch, endpoint=True, size=len(chosen))
        rates = rng.integers(*config.rate, endpoint=True, size=len(chosen))
        draws[split] = [
            Draw(*pairs[pair], int(pitch), int(rate))
            for pair, pitch, rate in zip(chosen, pitches, rates, strict=True)
        ]
    return draws


def _phrase(draw: Draw, voices: Sequence[str]) -> Phrase:
    # Every syllable stressed, every vowel long: the even tone of artificial speech.
    pairs = zip(draw.word[::2], draw.word[1::2], strict=True)
    phonemes = "".join(f"{consonant}'{vowel}:" for consonant, vowel in pairs)
    return Phrase(phonemes, voices[draw.voice], draw.rate_wpm, draw.pitch)


def _clips(
    ids: list[str],
    sounds: Sequence[np.ndarray],
    draws: Sequence[Draw],
    groups: np.ndarray,
    of_word: tuple[Labels, Classes],
    spans: Spans,
    config: SyntheticSpeech,
) -> Clips:
    """Clips, one a draw, with what their word says of them and how it was spoken."""
    labels, classes = of_word
    return Clips(
        ids=ids,
        samples=finished(sounds, config),
        labels=labels | {"voice": np.array([draw.voice for draw in draws])},
        classes=classes | {"voice": config.voices},
        values={
            "pitch": np.array([draw.pitch for draw in draws], np.float64),
            "rate_wpm": np.array([draw.rate_wpm for draw in draws], np.float64),
        },
        groups=groups,
        spans=spans,
    )


def _check_pronunciation(
    config: SyntheticSpeech, draws: Sequence[Draw], spoken: Sequence[Spoken]
) -> None:
    """Refuse voices of languages that soften the stops, as Spanish does between vowels."""
    wrong = {
        config.voices[draw.voice]: spelled
        for draw, one in zip(draws, spoken, strict=True)
        if (spelled := [name for name, _ in one.phonemes[: len(draw.word)]])[::2]
        != list(draw.word[::2])
    }
    problems = [
        Problem(
            config.name,
            f"must pronounce b, d and g as such; says {' '.join(spelled)}",
            "voices",
            voice,
            "en-us and en do, with any +variant",
        )
        for voice, spelled in wrong.items()
    ]
    if problems:
        raise UserError(*problems)


def phone_bounds(spoken: Spoken) -> list[int]:
    """Return where a word's phones begin, and where the last one ends: 7 samples at 16 kHz."""
    # Two phonemes a syllable, and the pause after the last one.
    starts = [start for _, start in spoken.phonemes[: 2 * len(POSITIONS) + 1]]
    return [round(start * RATE_HZ / ESPEAK_RATE_HZ) for start in starts]


def word_spans(bounds: np.ndarray) -> Spans:
    """Return where words and their phones sound in clips of words.

    Args:
        bounds: (word, 7) int64: first samples of the six phones, and the end of the last.

    Returns:
        sounding, consonant_1, vowel_1, consonant_2 ...: (word, 2) int64 each.
    """
    inside = bounds.clip(0, WORD_SAMPLES)
    spans = {"sounding": inside[:, [0, -1]]}
    for index, position in enumerate(POSITIONS):
        spans[f"consonant_{position}"] = inside[:, 2 * index : 2 * index + 2]
        spans[f"vowel_{position}"] = inside[:, 2 * index + 1 : 2 * index + 3]
    return spans


def syllable_spans(bounds: np.ndarray) -> Spans:
    """Return where syllables and their phones sound in clips of syllables.

    Args:
        bounds: (word, 7) int64, as for `word_spans`.

    Returns:
        sounding, consonant and vowel: (syllable, 2) int64 each, three syllables a word.
    """
    begins, middles, ends = (bounds[:, start:][:, :5:2].reshape(-1) for start in range(3))
    before = (SYLLABLE_SAMPLES - (ends - begins)).clip(0) // 2  # as `centred` pads
    first, middle, last = (
        (before + at - begins).clip(0, SYLLABLE_SAMPLES) for at in (begins, middles, ends)
    )
    return {
        "sounding": np.stack([first, last], axis=1),
        "consonant": np.stack([first, middle], axis=1),
        "vowel": np.stack([middle, last], axis=1),
    }


def _cut(sound: np.ndarray, bounds: np.ndarray) -> list[np.ndarray]:
    """Cut a word (sample,) at 16 kHz, with its phones' bounds (7,), into its three syllables."""
    return [_soften(sound[begin:end]) for begin, end in pairwise(bounds[::2].tolist())]


def _soften(sound: np.ndarray) -> np.ndarray:
    ramp = np.minimum(1.0, (np.arange(len(sound)) + 0.5) / _FADE_SAMPLES)
    return sound * ramp * ramp[::-1]
