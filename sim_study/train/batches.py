"""The batches of one epoch: clips in random order, cut, and on the device that trains."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from sim_study.config.lengths import steps_per_epoch
from sim_study.config.train import TrainConfig
from sim_study.data.audio import to_float
from sim_study.data.recordings import Recordings
from sim_study.train.examples import Batch, Examples, FrameLabels, Sounds
from sim_study.train.streams import stream

CROP_GRID_SAMPLES = 160
"""Crops start at a multiple of one frame of the encoder."""

SHARE_FOR_CLIPS = 0.5
"""Of a GPU's free memory; the rest is the step's."""


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
    own = labels[chosen] if isinstance(labels, np.ndarray) else None
    if isinstance(samples, Recordings):
        assert crop_samples is not None, "recordings of different lengths need crops"
        places = (samples.lengths[chosen] - crop_samples) // CROP_GRID_SAMPLES + 1
        drawn = torch.rand(len(chosen), generator=generator, dtype=torch.float64).numpy()
        frames = (drawn * places).astype(np.int64)
        if isinstance(labels, FrameLabels):
            own = labels.cut(chosen, frames)
        return Batch(samples.cut(chosen, frames * CROP_GRID_SAMPLES, crop_samples), own)

    assert not isinstance(labels, FrameLabels), "frames have labels in recordings only"
    whole = samples[chosen]
    if crop_samples is None:
        return Batch(whole, own)
    count = (whole.shape[1] - crop_samples) // CROP_GRID_SAMPLES + 1
    starts = torch.randint(count, (len(chosen), 1), generator=generator).numpy()
    columns = starts * CROP_GRID_SAMPLES + np.arange(crop_samples)
    return Batch(whole[np.arange(len(whole))[:, None], columns], own)


def resident(samples: Sounds, device: torch.device) -> Sounds:
    """Return the clips where batches are best taken from.

    Args:
        samples: Perhaps memory-mapped.
        device: Where the training runs.

    Returns:
        A copy on a GPU that has room for it, otherwise `samples`.
    """
    if device.type != "cuda" or not isinstance(samples, np.ndarray):
        return samples
    free_bytes, _ = torch.cuda.mem_get_info(device)
    if samples.nbytes > SHARE_FOR_CLIPS * free_bytes:
        return samples
    return torch.from_numpy(np.ascontiguousarray(samples)).to(device)


def to_audio(batch: np.ndarray | Tensor, device: torch.device) -> Tensor:
    """Return a batch (clip, sample) int16 as audio (clip, 1, sample) float32 in [-1, 1)."""
    if isinstance(batch, np.ndarray):
        batch = torch.from_numpy(batch).to(device)
    return to_float(batch).unsqueeze(1)
