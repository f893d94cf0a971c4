"""Every error a user can cause: where it is, which key, which value, which law it breaks."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

EXIT_USER_ERROR = 2

_ABSENT = object()


@dataclass(frozen=True)
class Problem:
    """One thing a user can put right.

    Args:
        place: The file, folder, option or address that holds the mistake.
        law: What must hold, in words ("must be at least 1", "unknown key").
        key: Dotted key inside the place; empty when the place as a whole is wrong.
        value: The offending value; left out of the message when not given.
        hint: What to do about it.
    """

    place: str
    law: str
    key: str = ""
    value: object = _ABSENT
    hint: str = ""

    def __str__(self) -> str:
        key = self.key
        if self.value is not _ABSENT:
            key = f"{key} = {self.value!r}" if key else repr(self.value)
        parts = [part for part in (self.place, key, self.law) if part]
        return ": ".join(parts) + (f"; {self.hint}" if self.hint else "")


class UserError(Exception):
    """One or more problems a user can put right; all of them are listed at once."""

    def __init__(self, *problems: Problem) -> None:
        if not problems:
            raise ValueError("a UserError needs at least one problem")
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


def near_miss(word: str, known: Iterable[str]) -> str:
    """Return "did you mean '...'?" for the known word closest to `word`, or an empty string."""
    known = list(known)
    matches = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if not matches:
        matches = [name for name in known if name.rsplit(".", 1)[-1] == word][:1]
    return f"did you mean '{matches[0]}'?" if matches else ""
