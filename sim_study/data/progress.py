"""Progress, said in lines: how often, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

Report = Callable[[str], None]
"""Called with a line about what is being done."""


def silent(_: str) -> None:
    """Report nothing."""


class Pace:
    """Passes a line on when the last one was a while ago.

    Args:
        report: Called with a line.
        seconds: Between lines.
    """

    def __init__(self, report: Report, seconds: float = 5.0) -> None:
        self._report = report
        self._seconds = seconds
        self._last = monotonic()

    def __call__(self, line: str) -> None:
        """Say how far the work is, unless that was said a moment ago."""
        if monotonic() - self._last >= self._seconds:
            self._report(line)
            self._last = monotonic()
