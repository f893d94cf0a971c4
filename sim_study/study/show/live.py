"""A live display on a terminal, a plain line per event in a pipe; other chatter in a log file."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sim_study.study.show.progress import SHOWN_STAGES, Event, Progress, Running, name_of

COLOURS = {"finished": "green", "diverged": "yellow", "failed": "red", "started": "dim", "note": ""}


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


@contextlib.contextmanager
def watch(progress: Progress, stream: TextIO) -> Iterator[None]:
    """Show a study's progress on `stream` until the block ends."""
    console = Console(file=stream, highlight=False, soft_wrap=not stream.isatty())
    if not console.is_terminal:
        progress.listeners.append(lambda event: _line(console, progress, event))
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
    stages = [stage for stage in SHOWN_STAGES if progress.expected.get(stage)]
    for stage in stages:
        table.add_column(stage, justify="right")
    table.add_column("best so far", justify="right")
    table.add_column("at")
    for arm in progress.arms:
        row = [arm]
        for stage in stages:
            bad = progress.troubled[arm, stage]
            row.append(f"{progress.done[arm, stage]}" + (f" ({bad} lost)" if bad else ""))
        leading = progress.leading(arm)
        row += [f"{leading.mean:.3f} (n={leading.seeds})", leading.settings] if leading else ["-"]
        table.add_row(*row)
    running = [_running(trial) for trial in list(progress.running.values())]
    title = Text.assemble((progress.study, "bold"), "  ", progress.question)
    parts: list[RenderableType] = [Text(""), title, table, *running, Text(status(progress))]
    if trouble := progress.tracking():
        parts.append(Text(trouble, style="yellow"))
    return Group(*parts)


def status(progress: Progress) -> str:
    """One line: trials done, running, waiting, time spent and left."""
    left = progress.seconds_left()
    about = f"about {clock(left)} left" if left is not None else "time left: not known yet"
    return (
        f"{progress.ended_count} of {progress.total} trials done, {len(progress.running)} running, "
        f"{progress.waiting} waiting; {clock(time.monotonic() - progress.began)} so far, {about}"
    )


def clock(seconds: float) -> str:
    """Write a duration in seconds as m:ss or h:mm:ss."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def losses(running: Running) -> str:
    """The current InfoNCE of every layer, or a decoder's loss."""
    values = [f"{v:.2f}" for key, v in running.metrics.items() if key.startswith("nce/")]
    if values:
        return "nce " + " ".join(values)
    own = [v for key, v in running.metrics.items() if key.startswith("decoder_loss_train/")]
    return f"loss {own[0]:.4g}" if own else ""


def _running(trial: Running) -> Text:
    epochs = f"epoch {trial.step}/{trial.steps}  " if trial.steps else ""
    return Text(f"  {name_of(trial.planned)}  {epochs}{losses(trial)}", style="cyan")


def _announce(console: Console, event: Event) -> None:
    if event.kind != "started":
        console.print(Text(str(event), style=COLOURS[event.kind]))


def _line(console: Console, progress: Progress, event: Event) -> None:
    spent = clock(time.monotonic() - progress.began)
    counts = f" [{progress.ended_count}/{progress.total}]" if event.kind == "finished" else ""
    console.print(Text(f"[{spent}] {event}{counts}"))
