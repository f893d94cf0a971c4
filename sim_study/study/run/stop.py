"""Ctrl-C and SIGTERM: the study stops at the next safe moment, and everything so far is kept."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType
from typing import Any, Self

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(BaseException):
    """The user asked the study to stop; no handler of ordinary exceptions may swallow it."""


class StopRequest:
    """Remembers that a signal asked for the end; a context manager that restores the handlers.

    The handler only takes note: an exception raised inside a signal handler could come up in the
    middle of Ray's native code, which aborts the process. A second signal ends the process at
    once, should the orderly end hang.

    Args:
        announce: Called with what happens now, in words, at the safe moment.
    """

    def __init__(self, announce: Callable[[str], None]) -> None:
        self.name = ""
        self._announce = announce
        self._kept: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        self._kept = {number: signal.getsignal(number) for number in SIGNALS}
        self.listen()
        return self

    def __exit__(self, *_error: object) -> None:
        for number, handler in self._kept.items():
            signal.signal(number, handler)

    def listen(self) -> None:
        """Install the handlers; again after `ray.init`, which installs its own."""
        for number in SIGNALS:
            signal.signal(number, self._note)

    def check(self) -> None:
        """Stop here if asked to.

        Raises:
            Stopped: A signal has come.
        """
        if self.name:
            words = "stopping; everything so far is kept (once more: stop at once)"
            self._announce(f"{self.name}: {words}")
            raise Stopped(self.name)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.name = signal.Signals(number).name
        for each in SIGNALS:
            signal.signal(each, signal.SIG_DFL)
