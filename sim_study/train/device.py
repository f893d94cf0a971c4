"""What a training does differently on a GPU: products in TF32, clips beside the weights."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from sim_study.data.audio import to_float
from sim_study.train.examples import Sounds

SHARE_FOR_CLIPS = 0.5
"""Of a GPU's free memory; the rest is the step's."""


def prepare(device: torch.device) -> None:
    """Allow TF32 in float32 products on a GPU: three decimal digits, several times the speed."""
    if device.type == "cuda":
        torch.set_float32_matmul_precision("high")


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


def to_labels(labels: np.ndarray | None, device: torch.device) -> Tensor | None:
    """Return a batch's labels, if it has any, beside its audio."""
    return None if labels is None else torch.from_numpy(labels).to(device)
