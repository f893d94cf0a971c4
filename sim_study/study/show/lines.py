"""A study's progress as plain lines, for a pipe or a batch job's output: few, but never silent."""

from __future__ import annotations

import time

from rich.console import Console
from rich.text import Text

from sim_study.study.show.progress import Event, Progress
from sim_study.study.show.words import clock, of_running, rest

MANY_TRIALS = 100
"""In a study of more, not every start and end of a trial gets a line."""

QUIET_SECONDS = 60
"""Between two lines about epochs, or about ends in a study of many trials."""

SHOWN_RUNNING = 4


class Lines:
    """A listener that prints what has ended, and now and then how far the rest is.

    What went wrong is always printed, and everything is in the log.

    Args:
        console: Where to print.
        progress: Of the study.
    """

    def __init__(self, console: Console, progress: Progress) -> None:
        self._console = console
        self._progress = progress
        self._printed = time.monotonic()

    def __call__(self, event: Event) -> None:
        """Hear of something."""
        progress = self._progress
        now = time.monotonic()
        quiet = now - self._printed >= QUIET_SECONDS
        many = progress.total > MANY_TRIALS
        if event.kind == "started" and many:
            return
        if not quiet and (event.kind == "moved" or (event.kind == "finished" and many)):
            return
        text = str(event)
        if event.kind == "moved":
            at_work = list(progress.running.values())
            shown = "; ".join(of_running(trial) for trial in at_work[:SHOWN_RUNNING])
            more = len(at_work) - SHOWN_RUNNING
            text = f"running: {shown}" + (f"; and {more} more" if more > 0 else "")
        if event.kind in ("moved", "finished"):
            text += f" [{progress.ended_count}/{progress.total}, {rest(progress)}]"
        self._console.print(Text(f"[{clock(now - progress.began)}] {text}"))
        self._printed = now
