"""What Ray and other libraries print goes to a file, so that it never runs into the display."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO


@contextlib.contextmanager
def chatter_to(path: Path) -> Iterator[TextIO]:
    """Send this process's stdout and stderr to `path`; yield a stream to the real stdout.

    Ray's native code and child processes write to the file descriptors, so these are redirected,
    not just Python's objects.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    kept_out, kept_err = os.dup(1), os.dup(2)
    handler = logging.FileHandler(path, encoding="utf-8")
    root = logging.getLogger()
    root.addHandler(handler)
    with path.open("a", encoding="utf-8") as log, os.fdopen(os.dup(kept_out), "w") as stream:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        try:
            yield stream
        finally:
            stream.flush()
            sys.stdout.flush()
            sys.stderr.flush()
            for kept, number in ((kept_out, 1), (kept_err, 2)):
                os.dup2(kept, number)
                os.close(kept)
            root.removeHandler(handler)
            handler.close()
