"""LibriSpeech's text files: splits, phones of utterances, names of phones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim_study.data.utterances import PHONES
from sim_study.errors import Problem


@dataclass(frozen=True)
class Labels:
    """The phones of one utterance.

    Args:
        place: File and line, for messages.
        phones: (label,) small unsigned integers.
    """

    place: str
    phones: np.ndarray


def read_ids(path: Path) -> tuple[dict[str, str], list[Problem]]:
    """Read the ids that open the lines of a split or label file.

    Returns:
        The place (file and line) of each id, in the order of the file; and every id that is
        repeated.
    """
    places: dict[str, str] = {}
    problems = []
    for place, words in _lines(path):
        if words[0] in places:
            problems.append(_repeated(place, words[0], places[words[0]]))
        else:
            places[words[0]] = place
    return places, problems


def read_split(path: Path) -> tuple[dict[str, str], list[Problem]]:
    """Read a split: one utterance's id a line; see `read_ids`."""
    places, problems = read_ids(path)
    for place, words in _lines(path):
        if len(words) > 1:
            law = f"must be one utterance's id, is {len(words)} words"
            problems.append(Problem(place, law, value=" ".join(words)[:40]))
    if not places:
        problems.append(Problem(str(path), "names no utterance"))
    return places, problems


def read_phone_names(path: Path | None) -> tuple[tuple[str, ...], list[Problem]]:
    """Read the names of the phones, `NAME number` a line; the numbers count up from 0.

    Returns:
        Names by number, and every line that is not of this form, out of order or repeated.
    """
    if path is None:
        return tuple(str(number) for number in range(PHONES)), []
    names: dict[str, str] = {}
    problems = []
    for number, (place, words) in enumerate(_lines(path)):
        if len(words) != 2:
            problems.append(Problem(place, "must be `NAME number`", value=" ".join(words)))
        elif words[1] != str(number):
            law = f"must count up from 0 without a gap: {number} comes next"
            problems.append(Problem(place, law, value=" ".join(words)))
        if words[0] in names:
            problems.append(_repeated(place, words[0], names[words[0]]))
        names.setdefault(words[0], place)
    if not names:
        problems.append(Problem(str(path), "names no phone"))
    return tuple(names), problems


def read_labels(path: Path, names: int) -> tuple[dict[str, Labels], list[Problem]]:
    """Read the phones of utterances, `id p1 p2 ...` a line; the order of lines does not matter.

    Args:
        path: The label file.
        names: How many phones have names.

    Returns:
        By utterance; and every line whose id is repeated, that has no phones, or holds what is
        no phone's number.
    """
    smallest = np.min_scalar_type(max(names - 1, 0))
    found: dict[str, Labels] = {}
    problems = []
    for place, (utterance, *words) in _lines(path):
        if utterance in found:
            problems.append(_repeated(place, utterance, found[utterance].place))
            continue
        wrong = {word for word in set(words) if not _is_phone(word, names)}
        first = [word for word in words if word in wrong]
        if wrong:
            law = f"{utterance} has unknown phones, must be whole numbers of 0-{names - 1}"
            shown = ", ".join(dict.fromkeys(first[:5]))
            at = words.index(first[0]) + 1
            hint = f"{len(first)} of {len(words)} labels, the first is label {at}"
            problems.append(Problem(place, law, value=shown, hint=hint))
        elif not words:
            problems.append(Problem(place, f"{utterance} has no labels"))
        # A wrong line counts as seen, so that it is listed for what is wrong with it only.
        phones = np.array([] if wrong else [*map(int, words)], smallest)
        found[utterance] = Labels(place, phones)
    if not found:
        problems.append(Problem(str(path), "holds no labels"))
    return found, problems


def _lines(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the place (file and line) and the words of every line that is not blank."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if words := line.split():
                yield f"{path}:{number}", words


def _is_phone(word: str, names: int) -> bool:
    return word.isascii() and word.isdecimal() and int(word) < names


def _repeated(place: str, name: str, first: str) -> Problem:
    return Problem(place, "is given twice", value=name, hint=f"first in {first}")
