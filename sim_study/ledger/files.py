"""Files that are either whole or absent."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path` so that a reader, or a crash, sees the old file or the new one.

    Raises:
        OSError: The disk is full or the folder cannot be written; it names the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _named(path):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(_readable_by_all())  # a temporary file is its owner's alone
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def write_text(path: Path, text: str) -> None:
    """Write `text` in UTF-8, atomically."""
    write_bytes(path, text.encode())


def write_json(path: Path, content: Any) -> None:
    """Write `content` as indented JSON, atomically."""
    write_text(path, json.dumps(content, indent=1) + "\n")


def append_line(path: Path, content: dict[str, Any]) -> None:
    """Append `content` as one JSON line; a line that a crash left torn stays a line of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _named(path), path.open("ab+") as file:
        torn = file.tell() > 0 and _last_byte(file) != b"\n"
        file.write(b"\n" * torn + json.dumps(content).encode() + b"\n")


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read JSON lines; a line torn by a crash is left out, a missing file has none."""
    if not path.exists():
        return []
    lines = []
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            lines.append(json.loads(text))
        except json.JSONDecodeError:
            continue
    return lines


def _last_byte(file: BinaryIO) -> bytes:
    file.seek(-1, os.SEEK_END)
    return file.read(1)


def _readable_by_all() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    """Give an error of the disk the file's name, which a full disk leaves out."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise
