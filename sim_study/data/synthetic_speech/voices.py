"""Which voices espeak-ng offers, read from its data folder."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from sim_study.errors import Problem, UserError, near_miss


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
    import espeakng_loader

    return Path(espeakng_loader.get_data_path())
