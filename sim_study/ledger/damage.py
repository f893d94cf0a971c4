"""Records read from files that may be damaged: which file, what is wrong with it, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from sim_study.errors import Problem, UserError

Record = TypeVar("Record", bound=BaseModel)

AGAIN = "give the sweep's command again"
TRIAL_ANEW = f"delete the trial's folder and {AGAIN}: the trial runs anew"
RESULT_ANEW = f"delete this file and {AGAIN}: the trial goes on from what it has kept"
MEMBERS_ANEW = f"{AGAIN}: it makes the list anew"
PROPOSALS_ANEW = f"delete this file and {AGAIN}: the search draws again"
STUDY_ANEW = f"delete this file and {AGAIN}: it is written anew"


def damaged(path: Path, why: object, remedy: str) -> UserError:
    """Return the error that names a damaged file.

    Args:
        path: The file.
        why: What is wrong with it.
        remedy: What to do about it.
    """
    return UserError(Problem(str(path), f"is damaged ({why})", hint=remedy))


def read_record(model: type[Record], path: Path, remedy: str) -> Record:
    """Read the one record that a file of JSON holds.

    Raises:
        UserError: The file is damaged, or of another version of the program.
        OSError: The file cannot be read.
    """
    try:
        return model.model_validate_json(path.read_bytes())
    except ValidationError as error:
        if error.errors()[0]["type"] == "json_invalid":
            raise damaged(path, reason(error), remedy) from None
        law = f"is not a {model.__name__.lower()} of this version ({reason(error)})"
        raise UserError(Problem(str(path), law, hint=remedy)) from None


def records(
    model: type[Record], lines: Iterable[dict[str, Any]], path: Path, remedy: str
) -> list[Record]:
    """Return the record that each line of a file holds.

    Raises:
        UserError: A line holds something else.
    """
    try:
        return [model.model_validate(line) for line in lines]
    except ValidationError as error:
        raise damaged(path, reason(error), remedy) from None


def torn_words(numbers: Sequence[int]) -> str:
    """Say which lines of a file are torn."""
    listed = ", ".join(map(str, numbers))
    return f"line {listed} is torn" if len(numbers) == 1 else f"lines {listed} are torn"


def reason(error: ValidationError) -> str:
    """Say in a few words what a file holds that it should not."""
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    words = first["msg"].removeprefix("Invalid JSON: ")
    words = words[:1].lower() + words[1:]
    return f"{where}: {words}" if where else words
