"""The clips of one epoch, in random order, cut into batches and crops."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from sim_study.config.train import TrainConfig
from sim_study.data.recordings import Recordings, Samples
from sim_study.train.lengths import steps_per_epoch
from sim_study.train.streams import stream

CROP_GRID_SAMPLES = 160
"""Crops start at a multiple of one frame of the encoder."""


Clips = Samples | Recordings | Tensor
"""Clips of one length (clip, sample) int16, perhaps on a device, or recordings of any length."""


def epoch_batches(
    samples: Clips, config: TrainConfig, seed: int, epoch: int
) -> Iterator[np.ndarray | Tensor]:
    """Yield the batches of one epoch; a pure function of its arguments.

    The last, incomplete batch is dropped when there is more than one. When there are fewer clips
    than a batch holds, they make one short batch.

    Args:
        samples: All clips, perhaps memory-mapped or on a device; of recordings, crops are taken.
        config: Batch size in clips, crop length in samples.
        seed: The trial's seed.
        epoch: Counted from 1.

    Yields:
        (batch, sample) int16, where the clips are.
    """
    clips = len(samples)
    generator = stream("cpu", seed, "clips", epoch)
    order = torch.randperm(clips, generator=generator).numpy()
    for step in range(steps_per_epoch(clips, config.batch_size)):
        chosen = order[step * config.batch_size : (step + 1) * config.batch_size]
        if isinstance(samples, Recordings):
            assert config.crop_samples is not None, "recordings of different lengths need crops"
            places = (samples.lengths[chosen] - config.crop_samples) // CROP_GRID_SAMPLES + 1
            drawn = torch.rand(len(chosen), generator=generator, dtype=torch.float64).numpy()
            begins = (drawn * places).astype(np.int64) * CROP_GRID_SAMPLES
            yield samples.cut(chosen, begins, config.crop_samples)
        elif config.crop_samples is None:
            yield samples[chosen]
        else:
            rows = samples[chosen]
            count = (rows.shape[1] - config.crop_samples) // CROP_GRID_SAMPLES + 1
            starts = torch.randint(count, (len(chosen), 1), generator=generator).numpy()
            columns = starts * CROP_GRID_SAMPLES + np.arange(config.crop_samples)
            yield rows[np.arange(len(rows))[:, None], columns]
