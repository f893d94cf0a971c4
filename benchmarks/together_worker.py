"""A process that trains some seeds of one configuration, some steps whenever it is asked."""

from __future__ import annotations

import multiprocessing
import resource
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection

import torch

from sim_study.config.trial import EncoderConfig
from sim_study.model.encoder import build_encoder
from sim_study.train.state import make_optimizers
from sim_study.train.step import train_step
from sim_study.train.streams import ModuleStreams

FORKSERVER = multiprocessing.get_context("forkserver")
FORKSERVER.set_forkserver_preload([__name__])  # torch is imported once


@dataclass(frozen=True)
class Job:
    """What one process trains.

    Args:
        config: Of all its seeds.
        samples: Of a clip.
        seeds: Trained in turn.
        threads: Of torch.
    """

    config: EncoderConfig
    samples: int
    seeds: tuple[int, ...]
    threads: int


class Workers:
    """Processes that each do their job at the same time; a context manager.

    Args:
        jobs: One for each process.
    """

    def __init__(self, jobs: tuple[Job, ...]) -> None:
        self.jobs = jobs
        self._pipes: list[Connection] = []
        self._exits = ExitStack()

    def __enter__(self) -> Workers:
        for job in self.jobs:
            ours, theirs = FORKSERVER.Pipe()
            process = FORKSERVER.Process(target=_serve, args=(job, theirs), daemon=True)
            process.start()
            theirs.close()  # so that the death of the process ends a wait for its answer
            self._pipes.append(ours)
            self._exits.callback(process.join)
        for pipe in self._pipes:
            pipe.recv()  # it is built
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in self._pipes:
            pipe.close()
        self._exits.close()

    def train(self, steps: int) -> float:
        """Let every process train each of its seeds for `steps` steps, and wait for all.

        Returns:
            Largest memory each process has had so far, added up, in MB.
        """
        for pipe in self._pipes:
            pipe.send(steps)
        return float(sum(pipe.recv() for pipe in self._pipes))


def _serve(job: Job, pipe: Connection) -> None:
    torch.set_num_threads(job.threads)
    train = _in_turn(job)
    pipe.send(None)
    while True:
        try:
            steps = pipe.recv()
        except EOFError:
            return
        train(steps)
        unit_bytes = 1 if sys.platform == "darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        pipe.send(peak * unit_bytes / 1e6)


def _in_turn(job: Job) -> Callable[[int], None]:
    audio = _audio(job)  # (S, B, 1, T)
    encoders = [build_encoder(job.config, seed) for seed in job.seeds]
    optimizers = [make_optimizers(e, job.config.train.learning_rate) for e in encoders]
    draws = [_streams(job.config, seed) for seed in job.seeds]

    def train(steps: int) -> None:
        for training in zip(encoders, audio, optimizers, draws, strict=True):
            for _ in range(steps):
                train_step(*training)

    return train


def _audio(job: Job) -> torch.Tensor:
    """Every seed has its own batch, as in a study, where it draws its own order of clips."""
    generator = torch.Generator().manual_seed(0)
    shape = (len(job.seeds), job.config.train.batch_size, 1, job.samples)
    return 0.1 * torch.randn(shape, generator=generator)


def _streams(config: EncoderConfig, seed: int) -> dict[str, ModuleStreams]:
    return {layer: ModuleStreams(seed, layer, 1, "cpu") for layer in config.model.layer_names}
