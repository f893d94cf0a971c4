"""Seeds and trials together: how a CPU's cores best share the replicates of a configuration."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

from benchmarks.measurement import Measurement, alternate
from benchmarks.step import CLIP_SAMPLES, config_of
from benchmarks.together_worker import Job, Workers
from sim_study.config.method import Method
from sim_study.config.trial import EncoderConfig

MOST_CORES = 4
"""More cores would only repeat the answer, at a gigabyte a process."""
QUICK_SAMPLES = 3200
CASES: tuple[tuple[Method, int, int], ...] = (
    ("sim", 16, 64),
    ("gim", 32, 64),
    ("sim", 32, 64),
    ("sim", 32, 32),
    ("gim", 64, 64),
    ("sim", 64, 64),
    ("sim", 128, 64),
)
"""Method, channels, clips a step."""
ENGINE = "one trial a core"
"""What the engine does by default."""


def measure(quick: bool) -> Iterator[Measurement]:
    """Yield seed-steps a second and peak memory of every way to train two seeds a core.

    A seed-step is one training step of one seed; `against one a core` is its rate as a multiple
    of the engine's way. Peak memory is that of all processes together; each counts torch's
    libraries, about half a gigabyte, which processes share. Left out: as many trials as cores with
    every core's threads each, where threads that wait keep those that work from a core (0.01 to
    0.4 times the engine's rate).
    """
    if quick:
        yield from _case("sim", channels=4, batch=4, samples=QUICK_SAMPLES, repeats=2)
        return
    for method, channels, batch in CASES:
        yield from _case(method, channels, batch, CLIP_SAMPLES, repeats=3)


def _case(
    method: Method, channels: int, batch: int, samples: int, repeats: int
) -> Iterator[Measurement]:
    config = config_of(method, channels, batch=batch)
    sides = _sides(config, samples)
    steps = max(1, 64 // channels)
    with ExitStack() as exits:
        workers = [exits.enter_context(Workers(jobs)) for jobs in sides.values()]
        seconds = alternate([partial(side.train, steps) for side in workers], repeats)
        memory = [side.train(0) for side in workers]
    seed_steps = steps * sum(len(job.seeds) for job in sides[ENGINE])
    rates = dict(zip(sides, (seed_steps / s for s in seconds), strict=True))
    for (name, rate), peak in zip(rates.items(), memory, strict=True):
        case = f"{method}, {channels} channels, batch {batch}: {name}"
        yield Measurement("together", case, "seed-steps", rate, "1/s")
        yield Measurement("together", case, "against one a core", rate / rates[ENGINE], "x")
        yield Measurement("together", case, "peak memory", peak, "MB")


def _sides(config: EncoderConfig, samples: int) -> dict[str, tuple[Job, ...]]:
    """Name the ways to train two seeds a core."""
    cores = min(os.cpu_count() or 1, MOST_CORES)
    seeds = tuple(range(2 * cores))
    halves = [seeds[core::cores] for core in range(cores)]  # one for each core
    job = partial(Job, config, samples)
    return {
        ENGINE: tuple(job(half, 1) for half in halves),
        "one after another on all cores": (job(seeds, cores),),
        "two trials a core": tuple(job((seed,), 1) for seed in seeds),
    }
