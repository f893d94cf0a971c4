"""What is written beside a prepared corpus: where it comes from, what its intact files are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field, ValidationError

from sim_study.config.strict import Strict
from sim_study.errors import Problem, UserError

DESCRIPTION = "corpus.json"


class FileRecord(Strict):
    """What an intact file looks like.

    Args:
        clips: Clips, or utterances, in it.
        bytes: Its size.
        sha256: Of its bytes.
        changed_ns: When it was written, since 1970, of a large file that is not to be read at
            every start.
    """

    clips: int
    bytes: int
    sha256: str
    changed_ns: int | None = None

    @classmethod
    def of(cls, path: Path, clips: int, *, large: bool = False) -> FileRecord:
        """Record a file that has just been written."""
        status = path.stat()
        return cls(
            clips=clips,
            bytes=status.st_size,
            sha256=file_sha256(path),
            changed_ns=status.st_mtime_ns if large else None,
        )


class Counted(Strict):
    """How many utterances or clips something is the matter with, and the first few of them."""

    count: int
    first: tuple[str, ...]

    @classmethod
    def of(cls, ids: Sequence[str]) -> Counted:
        """Count them all, and keep five names."""
        return cls(count=len(ids), first=tuple(ids[:5]))

    @property
    def shown(self) -> tuple[str, ...]:
        """The first few, and dots where there are more."""
        return self.first if self.count == len(self.first) else (*self.first, "...")


class Description(Strict):
    """What is written beside the clips, in corpus.json.

    Args:
        name: The corpus' name.
        fingerprint: SHA-256 of the content (ids, samples, labels, values), in hexadecimal; what
            follows from these (spans, classes of values) is not in it.
        recipe: What it was made from.
        classes: Class names by factor, over all files.
        files: By file name.
        counted: Utterances or clips that are not as the others, by reason.
        layout: Which version of the kind's files these are; see `CorpusKind.layout`.
    """

    name: str
    fingerprint: str
    recipe: dict[str, object]
    classes: dict[str, tuple[str, ...]]
    files: dict[str, FileRecord]
    counted: dict[str, Counted] = Field(default_factory=dict)
    layout: int = 1


def read_description(folder: Path) -> Description:
    """Read a prepared corpus' corpus.json.

    Raises:
        UserError: There is none, or it is damaged.
    """
    path = folder / DESCRIPTION
    if not path.exists():
        hint = "prepare it with `python -m sim_study.corpus prepare NAME`"
        raise UserError(
            Problem(str(folder), f"holds no prepared corpus (no {DESCRIPTION})", hint=hint)
        )
    try:
        return Description.model_validate_json(path.read_bytes())
    except ValidationError:
        raise UserError(damaged(path, "is not a corpus' description")) from None


def write_description(folder: Path, description: Description) -> None:
    """Write corpus.json."""
    text = json.dumps(description.model_dump(mode="json"), indent=1)
    (folder / DESCRIPTION).write_text(text + "\n", encoding="utf-8")


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def damaged(path: Path, law: str) -> Problem:
    """Say that a file of a prepared corpus is not as it should be, and what to do."""
    folder = path.parent if path.suffix else path
    hint = f"the prepared corpus is damaged: delete the folder {folder} and prepare it again"
    return Problem(str(path), law, hint=hint)
