"""espeak-ng: its voices; phonemes in, samples and the times of the phonemes out, through ctypes.

It speaks in a fresh process, where it starts from a known state. The child reads the phrases as
JSON from standard input, and answers with one line of JSON (lengths and phonemes) followed by the
samples of all phrases, int16, end to end.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import espeakng_loader
import numpy as np

from sim_study.errors import Problem, UserError, near_miss

RATE_HZ = 22_050
"""The rate espeak-ng speaks at."""

_IMPORT_ROOT = Path(__file__).parents[3]

# Names and numbers below are those of espeak-ng 1.52's speak_lib.h.
_AUDIO_OUTPUT_SYNCHRONOUS = 2
_INITIALIZE_PHONEME_EVENTS = 0x0001
_INITIALIZE_DONT_EXIT = 0x8000
_CHARS_UTF8 = 1
_PHONEMES = 0x100
_POS_CHARACTER = 1
_RATE, _PITCH = 1, 3
_EVENT_LIST_TERMINATED, _EVENT_PHONEME = 0, 7


@dataclass(frozen=True)
class Phrase:
    """What to say.

    Args:
        phonemes: espeak-ng phoneme names, such as b'a:g'i:d'u: (' stresses a syllable).
        voice: Such as en-us+f3: a language and an optional variant.
        rate_wpm: Words a minute, 80-450.
        pitch: 0-99.
    """

    phonemes: str
    voice: str
    rate_wpm: int
    pitch: int


@dataclass(frozen=True)
class Spoken:
    """What was said.

    Args:
        samples: (sample,) int16 at 22,050 Hz.
        phonemes: Name and first sample of each phoneme, in order; the pause that ends a
            phrase is named with a leading underscore.
    """

    samples: np.ndarray
    phonemes: tuple[tuple[str, int], ...]


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position_ms", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class Engine:
    """The espeak-ng of this process; there must be only one, the library's state is global.

    That state (noise, the phase of the glottal wave) is carried from one phrase to the next
    and cannot be reset: the same *sequence* of phrases sounds the same in every fresh
    process, a single phrase differs a little from take to take.
    """

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        rate_hz = self._library.espeak_Initialize(
            _AUDIO_OUTPUT_SYNCHRONOUS,
            0,
            espeakng_loader.get_data_path().encode(),
            _INITIALIZE_PHONEME_EVENTS | _INITIALIZE_DONT_EXIT,
        )
        if rate_hz != RATE_HZ:
            raise OSError(f"espeak-ng did not start (espeak_Initialize returned {rate_hz})")
        self._library.espeak_ng_SetRandSeed(ctypes.c_long(0))
        self._chunks: list[np.ndarray] = []
        self._phonemes: list[tuple[str, int]] = []
        self._callback = _Callback(self._receive)  # a reference, or it would be collected
        self._library.espeak_SetSynthCallback(self._callback)

    def say(self, phrase: Phrase) -> Spoken:
        """Speak one phrase.

        Raises:
            ValueError: The voice is unknown, or espeak-ng refused the phonemes.
        """
        self._chunks, self._phonemes = [], []
        if self._library.espeak_SetVoiceByName(phrase.voice.encode()) != 0:
            raise ValueError(f"espeak-ng knows no voice {phrase.voice!r}")
        self._library.espeak_SetParameter(_RATE, phrase.rate_wpm, 0)
        self._library.espeak_SetParameter(_PITCH, phrase.pitch, 0)
        text = f"[[{phrase.phonemes}]]".encode()
        status = self._library.espeak_Synth(
            text,
            ctypes.c_size_t(len(text) + 1),
            0,
            _POS_CHARACTER,
            0,
            _CHARS_UTF8 | _PHONEMES,
            None,
            None,
        )
        if status != 0 or not self._chunks:
            raise ValueError(f"espeak-ng could not say {phrase.phonemes!r} (status {status})")
        return Spoken(np.concatenate(self._chunks), tuple(self._phonemes))

    def _receive(self, samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            self._chunks.append(np.ctypeslib.as_array(samples, (count,)).copy())
        index = 0
        while events[index].type != _EVENT_LIST_TERMINATED:
            event = events[index]
            if event.type == _EVENT_PHONEME:
                self._phonemes.append((event.id.string.decode(), event.sample))
            index += 1
        return 0


def speak(phrases: Sequence[Phrase]) -> list[Spoken]:
    """Speak phrases in order; the same sequence gives the same samples, always.

    Raises:
        UserError: espeak-ng cannot be loaded here, or refused a phrase.
    """
    paths = [str(_IMPORT_ROOT), os.environ.get("PYTHONPATH", "")]
    child = subprocess.run(
        [sys.executable, "-m", "sim_study.data.synthetic_speech.espeak"],
        input=json.dumps([asdict(phrase) for phrase in phrases]).encode(),
        capture_output=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        check=False,
    )
    if child.returncode != 0:
        reason = child.stderr.decode(errors="replace").strip().splitlines() or [
            f"ended with code {child.returncode}"
        ]
        raise UserError(
            Problem(
                "espeak-ng",
                f"could not speak: {reason[-1]}",
                hint="the library comes with the package espeakng-loader",
            )
        )
    header, _, body = child.stdout.partition(b"\n")
    answers = json.loads(header)
    ends = np.cumsum([answer["samples"] for answer in answers])
    samples = np.split(np.frombuffer(body, np.int16), ends[:-1])
    return [
        Spoken(sound, tuple((name, start) for name, start in answer["phonemes"]))
        for sound, answer in zip(samples, answers, strict=True)
    ]


def check_voices(voices: Iterable[str], place: str) -> None:
    """Check that every voice is a known language with, after a +, a known variant.

    espeak-ng itself is no judge: it silently speaks an unknown variant as the plain voice.

    Raises:
        UserError: Naming every unknown language and variant, with the closest known one.
    """
    problems = []
    for voice in voices:
        language, plus, variant = voice.partition("+")
        if language not in languages():
            law = f"espeak-ng has no language {language!r}"
            problems.append(Problem(place, law, "voices", voice, near_miss(language, languages())))
        if plus and variant not in variants():
            law = f"espeak-ng has no variant {variant!r}"
            hint = near_miss(variant, variants()) or f"one of {', '.join(variants())}"
            problems.append(Problem(place, law, "voices", voice, hint))
    if problems:
        raise UserError(*problems)


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that espeak-ng speaks, sorted."""
    files = (path for path in (_data_folder() / "lang").rglob("*") if path.is_file())
    return tuple(sorted(path.name.lower() for path in files))


@cache
def variants() -> tuple[str, ...]:
    """Return the variants that go with any language, sorted."""
    return tuple(sorted(path.name for path in (_data_folder() / "voices" / "!v").iterdir()))


def _data_folder() -> Path:
    return Path(espeakng_loader.get_data_path())


def _main() -> None:
    engine = Engine()
    spoken = [engine.say(Phrase(**fields)) for fields in json.load(sys.stdin)]
    header = [{"samples": len(one.samples), "phonemes": one.phonemes} for one in spoken]
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n")
    for one in spoken:
        sys.stdout.buffer.write(one.samples.tobytes())


if __name__ == "__main__":
    _main()
