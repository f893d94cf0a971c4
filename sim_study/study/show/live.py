"""A live display on a terminal; in a pipe, plain lines."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sim_study.study.show.lines import Lines
from sim_study.study.show.progress import SHOWN_STAGES, Event, EventKind, Progress
from sim_study.study.show.words import clock, of_running, rest

COLOURS: dict[EventKind, str] = {
    "finished": "green",
    "diverged": "yellow",
    "failed": "red",
    "retry": "yellow",
    "note": "",
}
"""Of what stays on the terminal above the display; starts and epochs only move it."""

SHOWN_RUNNING = 10
"""Trials at work that are listed one by one: the lines below must not leave the screen."""


@contextlib.contextmanager
def watch(progress: Progress, stream: TextIO) -> Iterator[None]:
    """Show a study's progress on `stream` until the block ends."""
    console = Console(file=stream, highlight=False, soft_wrap=not stream.isatty())
    if not console.is_terminal:
        progress.listeners.append(Lines(console, progress))
        yield
        return
    progress.listeners.append(lambda event: _announce(console, event))
    with Live(
        get_renderable=lambda: draw(progress),
        console=console,
        refresh_per_second=2,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ):
        yield


def draw(progress: Progress) -> RenderableType:
    """Draw the study as it stands."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("arm")
    expected = dict(progress.expected)
    stages = [stage for stage in SHOWN_STAGES if any(expected[arm, stage] for arm in progress.arms)]
    for stage in stages:
        table.add_column(stage, justify="right", no_wrap=True)
    table.add_column("best so far", justify="right", no_wrap=True)
    table.add_column("at", no_wrap=True, overflow="ellipsis")
    for arm in progress.arms:
        row = [arm]
        for stage in stages:
            done, bad = progress.done[arm, stage], progress.troubled[arm, stage]
            count = f"{done}/{expected[arm, stage]}" if expected[arm, stage] else "-"
            row.append(count + (f" ({bad} lost)" if bad else ""))
        leading = progress.leading(arm)
        row += [f"{leading.mean:.3f} (n={leading.seeds})", leading.settings] if leading else ["-"]
        table.add_row(*row)
    meaning = Text(f"best so far: {progress.metric}, mean of n seeds", style="dim")
    at_work = list(progress.running.values())
    running = [Text(f"  {of_running(trial)}", style="cyan") for trial in at_work[:SHOWN_RUNNING]]
    if more := len(at_work) - len(running):
        running.append(Text(f"  and {more} more", style="cyan"))
    title = Text.assemble((progress.study, "bold"), "  ", progress.question)
    parts: list[RenderableType] = [Text(""), title, table, meaning, *running]
    parts.append(Text(status(progress)))
    if trouble := progress.tracking():
        parts.append(Text(trouble, style="yellow"))
    return Group(*parts)


def status(progress: Progress) -> str:
    """One line: trials done, running, waiting, time spent and left."""
    return (
        f"{progress.ended_count} of {progress.total} trials done, {len(progress.running)} running, "
        f"{progress.waiting} waiting; {clock(time.monotonic() - progress.began)} so far, "
        f"{rest(progress)}"
    )


def _announce(console: Console, event: Event) -> None:
    if event.kind in COLOURS:
        console.print(Text(str(event), style=COLOURS[event.kind]))
