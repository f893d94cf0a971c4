"""The log of a study: what was run with what, what started, how it ended and why, and when."""

from __future__ import annotations

import contextlib
import os
import platform
import shlex
import sys
import time
import traceback
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TextIO

import sim_study
from sim_study.config.identity import SCIENCE_VERSION
from sim_study.errors import UserError
from sim_study.study.show.progress import Event, Progress
from sim_study.study.show.words import clock

LIBRARIES = ("torch", "numpy", "ray", "optuna", "mlflow", "pyarrow")


class Journal:
    """Writes lines with their time, each at once; a listener of a study's progress.

    Args:
        file: Open for appending.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> None:
        """Write a line; further lines of `text` are indented below it."""
        first, *others = text.splitlines() or [""]
        lines = [f"{time.strftime('%Y-%m-%d %H:%M:%S')} {first}", *(f"    {one}" for one in others)]
        self._file.write("\n".join(lines) + "\n")
        self._file.flush()

    def __call__(self, event: Event) -> None:
        """Hear of something; epochs are in the trials' own curves."""
        if event.kind != "moved":
            where = f" (trial {event.trial_id})" if event.kind == "started" else ""
            self.write(f"{event}{where}")


@contextlib.contextmanager
def journal(path: Path, progress: Progress) -> Iterator[Journal]:
    """Keep a log of one run of a study, below those of earlier runs, until the block ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        log = Journal(file)
        if file.tell():
            file.write("\n")
        log.write(f"run begins: {shlex.join(sys.orig_argv)}")
        log.write(f"in {Path.cwd()}")
        log.write(_circumstances())
        progress.listeners.append(log)
        try:
            yield log
        except UserError as error:
            log.write(f"refused: {error}")
            raise
        except BaseException as error:
            log.write("fault: " + "".join(traceback.format_exception(error)).strip())
            raise
        finally:
            spent = clock(time.monotonic() - progress.began)
            left = progress.total - progress.ended_count
            log.write(f"run ends after {spent}: {progress.ended_count} trials done, {left} to run")


def _circumstances() -> str:
    """Versions and machine, in one line."""
    found = [f"sim-study {sim_study.__version__} (science version {SCIENCE_VERSION})"]
    found.append(f"Python {platform.python_version()}")
    for library in LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            found.append(f"{library} {version(library)}")
    return f"{', '.join(found)}; {platform.node()}, {platform.system()}, {os.cpu_count()} cores"
