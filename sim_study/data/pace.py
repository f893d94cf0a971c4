"""Progress that is told now and then."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic


class Pace:
    """Passes a line on when the last one was a while ago.

    Args:
        report: Called with a line.
        seconds: Between lines.
    """

    def __init__(self, report: Callable[[str], None], seconds: float = 5.0) -> None:
        self._report = report
        self._seconds = seconds
        self._told = monotonic()

    def __call__(self, line: str) -> None:
        """Tell how far the work is, unless that was told a moment ago."""
        if monotonic() - self._told >= self._seconds:
            self._report(line)
            self._told = monotonic()
