"""The clips of one epoch, in random order, cut into batches and crops."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from sim_study.config.train import TrainConfig
from sim_study.train.lengths import steps_per_epoch
from sim_study.train.streams import stream

CROP_GRID_SAMPLES = 160
"""Crops start at a multiple of one frame of the encoder."""


Samples = np.ndarray | Tensor


def epoch_batches(
    samples: Samples, config: TrainConfig, seed: int, epoch: int
) -> Iterator[Samples]:
    """Yield the batches of one epoch; a pure function of its arguments.

    The last, incomplete batch is dropped when there is more than one. When there are fewer clips
    than a batch holds, they make one short batch.

    Args:
        samples: All clips (clip, sample) int16, perhaps memory-mapped, or on a device.
        config: Batch size in clips, crop length in samples.
        seed: The trial's seed.
        epoch: Counted from 1.

    Yields:
        (batch, sample) int16, where the clips are.
    """
    clips, length = samples.shape
    generator = stream("cpu", seed, "clips", epoch)
    order = torch.randperm(clips, generator=generator).numpy()
    for step in range(steps_per_epoch(clips, config.batch_size)):
        chosen = order[step * config.batch_size : (step + 1) * config.batch_size]
        if config.crop_samples is None:
            yield samples[chosen]
            continue
        places = (length - config.crop_samples) // CROP_GRID_SAMPLES + 1
        places_drawn = torch.randint(places, (len(chosen), 1), generator=generator)
        begins = places_drawn.numpy() * CROP_GRID_SAMPLES
        yield samples[chosen[:, None], begins + np.arange(config.crop_samples)]
