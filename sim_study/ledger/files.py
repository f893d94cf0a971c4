"""Files that are either whole or absent."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path` so that a reader, or a crash, sees the old file or the new one.

    Raises:
        OSError: The disk is full or the folder cannot be written; it names the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # not tempfile's, which are their owner's alone: who may read is the umask's to say
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with _named(path):
        try:
            with fresh.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise


def write_text(path: Path, text: str) -> None:
    """Write `text` in UTF-8, atomically."""
    write_bytes(path, text.encode())


def write_json(path: Path, content: Any) -> None:
    """Write `content` as indented JSON, atomically."""
    write_text(path, json.dumps(content, indent=1) + "\n")


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """Return rows as the text of a CSV file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def append_line(path: Path, content: dict[str, Any]) -> None:
    """Append `content` as one JSON line; a line that a crash left torn stays a line of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _named(path), path.open("ab+") as file:
        file.seek(max(0, file.tell() - 1))
        torn = file.read(1) not in (b"", b"\n")
        file.write(b"\n" * torn + json.dumps(content).encode() + b"\n")


def read_lines(path: Path) -> tuple[list[dict[str, Any]], list[int]]:
    """Read JSON lines; a missing file has none.

    Returns:
        What the whole lines hold, and the numbers, from 1, of lines that are torn.
    """
    return _parsed(path.read_bytes()) if path.exists() else ([], [])


class GrowingLines:
    """JSON lines that others append to, each read once; the file need not exist yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._inode = 0
        self._position = 0

    def read(self) -> tuple[list[dict[str, Any]], bool]:
        """Return the whole lines since the last call, and whether another file has taken over.

        When one has (`write_text` replaced it), the lines are all of the new file's.
        """
        try:
            with self._path.open("rb") as file:
                state = os.fstat(file.fileno())
                replaced = state.st_ino != self._inode or state.st_size < self._position
                self._inode = state.st_ino
                self._position = 0 if replaced else self._position
                file.seek(self._position)
                content = file.read()
        except FileNotFoundError:
            return [], False
        whole = content[: content.rfind(b"\n") + 1]  # the last line may still be being written
        self._position += len(whole)
        return _parsed(whole)[0], replaced


def _parsed(content: bytes) -> tuple[list[dict[str, Any]], list[int]]:
    lines, torn = [], []
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            lines.append(json.loads(line))
        except ValueError:  # perhaps in the middle of a character
            torn.append(number)
    return lines, torn


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    """Give an error of the disk the file's name; a full disk names none, or one in between."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise
