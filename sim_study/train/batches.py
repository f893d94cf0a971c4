"""The clips of one epoch, in random order, cut into batches and crops."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from sim_study.config.lengths import steps_per_epoch
from sim_study.config.train import TrainConfig
from sim_study.data.recordings import Recordings
from sim_study.train.examples import Batch, Examples, FrameLabels
from sim_study.train.streams import stream

CROP_GRID_SAMPLES = 160
"""Crops start at a multiple of one frame of the encoder."""


def epoch_batches(
    examples: Examples, config: TrainConfig, seed: int, epoch: int
) -> Iterator[Batch]:
    """Yield the batches of one epoch; a pure function of its arguments.

    The last, incomplete batch is dropped when there is more than one. When there are fewer
    examples than a batch holds, they make one short batch.

    Args:
        examples: Clips, or recordings, of which crops are taken.
        config: Batch size in clips, crop length in samples.
        seed: The trial's seed.
        epoch: Counted from 1.
    """
    generator = stream("cpu", seed, "clips", epoch)
    order = examples.rows[torch.randperm(len(examples), generator=generator).numpy()]
    for step in range(steps_per_epoch(len(examples), config.batch_size)):
        chosen = order[step * config.batch_size : (step + 1) * config.batch_size]
        yield _batch(examples, chosen, config.crop_samples, generator)


def _batch(
    examples: Examples, chosen: np.ndarray, crop_samples: int | None, generator: torch.Generator
) -> Batch:
    samples, labels = examples.samples, examples.labels
    if isinstance(samples, Recordings):
        assert crop_samples is not None, "recordings of different lengths need crops"
        places = (samples.lengths[chosen] - crop_samples) // CROP_GRID_SAMPLES + 1
        drawn = torch.rand(len(chosen), generator=generator, dtype=torch.float64).numpy()
        frames = (drawn * places).astype(np.int64)
        cut = samples.cut(chosen, frames * CROP_GRID_SAMPLES, crop_samples)
        if isinstance(labels, FrameLabels):
            return Batch(cut, labels.cut(chosen, frames))
        return Batch(cut, None if labels is None else labels[chosen])

    assert not isinstance(labels, FrameLabels), "frames have labels in recordings only"
    told = None if labels is None else labels[chosen]
    if crop_samples is None:
        return Batch(samples[chosen], told)
    whole = samples[chosen]
    count = (whole.shape[1] - crop_samples) // CROP_GRID_SAMPLES + 1
    starts = torch.randint(count, (len(chosen), 1), generator=generator).numpy()
    columns = starts * CROP_GRID_SAMPLES + np.arange(crop_samples)
    return Batch(whole[np.arange(len(whole))[:, None], columns], told)
