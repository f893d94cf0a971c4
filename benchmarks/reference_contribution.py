"""The contribution score pair by pair, as the paper's code takes it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from sim_study.config.model import ModelConfig
from sim_study.downstream.decoders.decoder import Decoder, build_decoder


def plain_decoder(model: ModelConfig, layers: int, samples: int, seed: int) -> Decoder:
    """Build the same decoder with PyTorch's own transposed convolutions."""
    decoder = build_decoder(model, layers, samples, seed).eval()
    for part in decoder.decoder:
        if isinstance(part, nn.ConvTranspose1d):
            part.__class__ = nn.ConvTranspose1d
    return decoder


def pair_by_pair(
    decoder: Decoder,
    latents: torch.Tensor,
    dimensions: Sequence[int],
    pairs: Sequence[tuple[int, int]],
) -> tuple[torch.Tensor, torch.Tensor]:
    """Decode both clips of every pair, and for each count the mixture and the second clip again.

    Args:
        decoder: In evaluation mode.
        latents: (clip, channel, frame).
        dimensions: How many dimensions are replaced.
        pairs: Of clips, in order.

    Returns:
        Mean over the pairs of the MSE between both clips (), and of that of every count (count,).
    """
    largest, rows = [], []
    with torch.no_grad():
        for i, j in pairs:
            first, second = latents[i], latents[j]  # (C, L)
            largest.append(functional.mse_loss(decoder(first[None]), decoder(second[None])))
            apart = (first.mean(dim=1) - second.mean(dim=1)).square()  # (C,)
            errors = []
            for count in dimensions:
                channels = apart.topk(count).indices
                mixture = first.clone()
                mixture[channels] = second[channels]
                decoded = decoder(mixture[None]), decoder(second[None])
                errors.append(functional.mse_loss(*decoded))
            rows.append(torch.stack(errors))
    return torch.stack(largest).mean(), torch.stack(rows).mean(dim=0)
