"""The words for a running trial and for time, alike on a terminal, in a pipe and in the log."""

from __future__ import annotations

from sim_study.study.show.progress import Progress, name_of
from sim_study.study.show.running import Running


def clock(seconds: float) -> str:
    """Write a duration in seconds as m:ss or h:mm:ss."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def rest(progress: Progress) -> str:
    """How long the study will still take, and whether that is a calculation alone."""
    left = progress.seconds_left()
    if left is None:
        return "time left: not known"
    seconds, certain = left
    return f"about {clock(seconds)} left" if certain else f"perhaps {clock(seconds)} left"


def of_running(trial: Running) -> str:
    """A trial at work: its name, how far it is, its last losses, its time."""
    epochs = f"epoch {trial.step}/{trial.steps}" if trial.steps else ""
    parts = (name_of(trial.planned), epochs, losses(trial), clock(trial.elapsed))
    return "  ".join(part for part in parts if part)


LOSSES = (
    ("nce/", "nce", ".2f"),
    ("kl_nats/", "kl", ".3g"),
    ("cross_entropy/", "cross-entropy", ".2f"),
    ("decoder_loss_train/", "loss", ".4g"),
)
"""What a reported key begins with, what it is called here, and its digits."""


def losses(running: Running) -> str:
    """The latest losses: of an encoder those of every layer, in order."""
    metrics = dict(running.metrics)
    parts = []
    for prefix, name, digits in LOSSES:
        if values := [f"{v:{digits}}" for key, v in metrics.items() if key.startswith(prefix)]:
            parts.append(f"{name} {' '.join(values)}")
    return "  ".join(parts)
