"""Downloads one large file, going on where it was stopped."""

from __future__ import annotations

import hashlib
import http.client
import time
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path

from sim_study.data.progress import Pace, Report
from sim_study.errors import Problem, UserError

_CHUNK_BYTES = 1 << 20
_TIMEOUT_SECONDS = 60
_ATTEMPTS = 5
_RANGE_REFUSED = 416
_PARTIAL = 206


def download(url: str, path: Path, md5: str, report: Report, pause_seconds: float) -> None:
    """Download a file whose content is known by its checksum.

    What has arrived is kept in `path` + .part; the next call asks for the rest only, if the
    server can (else for everything). A broken connection is taken up again, five times without
    a byte of progress at most.

    Args:
        url: Of the file.
        path: Where it goes once it is whole.
        md5: Of the whole file, in hexadecimal.
        report: Called with a line now and then.
        pause_seconds: Before a broken connection is taken up again.

    Raises:
        UserError: The server cannot be reached or refuses, or what it sent is another file.
    """
    part = path.with_name(f"{path.name}.part")
    failures = 0
    while True:
        had = part.stat().st_size if part.exists() else 0
        try:
            _receive(url, part, had, report)
            break
        except urllib.error.HTTPError as error:
            raise UserError(_failed(url, f"the server says {error.code} {error.reason}")) from None
        except (OSError, http.client.HTTPException) as error:
            progress = part.exists() and part.stat().st_size > had
            failures = 1 if progress else failures + 1
            if failures >= _ATTEMPTS:
                reason = getattr(error, "reason", None) or error
                raise UserError(_failed(url, str(reason), part)) from None
            report(f"{path.name}: connection lost ({error}); going on")
            time.sleep(pause_seconds)
    report(f"{path.name}: comparing the checksum")
    with part.open("rb") as file:
        found = hashlib.file_digest(file, partial(hashlib.md5, usedforsecurity=False)).hexdigest()
    if found != md5:
        part.unlink()
        law = f"what was downloaded has the MD5 {found}, must have {md5}"
        hint = "it was deleted; the same command downloads it again"
        raise UserError(Problem(url, law, hint=hint))
    part.replace(path)


def _receive(url: str, part: Path, had: int, report: Report) -> None:
    """Append what is missing to a partial file.

    Raises:
        ConnectionError: The server closed the connection early.
    """
    request = urllib.request.Request(url)
    if had:
        request.add_header("Range", f"bytes={had}-")
    try:
        answer = urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS)
    except urllib.error.HTTPError as error:
        if error.code == _RANGE_REFUSED and had:  # it is whole, or belongs to another file:
            return  # the checksum tells
        raise
    with answer:
        goes_on = answer.status == _PARTIAL
        length = answer.headers.get("Content-Length")
        total = None if length is None else (had if goes_on else 0) + int(length)
        of = "" if total is None else f" of {total / 1e6:.0f}"
        pace = Pace(report)
        with part.open("ab" if goes_on else "wb") as file:
            while chunk := answer.read(_CHUNK_BYTES):
                file.write(chunk)
                pace(f"{part.stem}: {file.tell() / 1e6:.0f}{of} MB")
            if total is not None and file.tell() < total:
                raise ConnectionError(f"ended after {file.tell()} of {total} bytes")


def _failed(url: str, reason: str, part: Path | None = None) -> Problem:
    hint = "is there a network?"
    if part is not None and part.exists():
        hint = f"the same command goes on from {part.stat().st_size / 1e6:.0f} MB"
    return Problem(url, f"could not be downloaded ({reason})", hint=hint)
