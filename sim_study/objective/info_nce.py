"""InfoNCE with negatives drawn from the whole batch, without a copy of them for every step ahead.

Prediction step k compares its rows with the *last* rows of each permutation. Steps therefore
share negatives once their rows are aligned at the end:

    step 1   |0 1 2 3 ...          N_1 - 1|    N_k = batch * (frames - k) rows
    step 2   |. . 0 1 ...          N_2 - 1|    (a dot is a row without weight)
    step 3   |. . . . 0 ...        N_3 - 1|
    draw j   |p p p p p ...               |    gathered once, used by all K steps

and row by row all K predictions meet all J negatives in one (K, C) x (C, J) product. Predictions
and their gradients are one matrix product each for all steps, in the order of the frames; what
the scores need is gathered into the aligned order a few rows at a time, so that it stays in the
processor's cache and the negatives never exist as a whole. Value and gradients are computed in
one go, while everything is at hand; backward only scales them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from sim_study.objective.product import gradients, rows_by_weight

ROWS_AT_ONCE = {"cpu": 1024, "cuda": 16_384}
"""On CPUs best or within 3 % of it from 32 to 512 channels: more need room, fewer dispatch more. On
an H100 a step of 64 clips takes 31.6 ms at 512 channels with the CPU's number, 21.9 with all rows
at once, which need 0.4 GB more."""


def info_nce(
    context: Tensor,
    latents: Tensor,
    predictor: Tensor,
    permutations: Tensor,
    begin: int | None = None,
) -> Tensor:
    """Return the InfoNCE loss of predicting K frames ahead from every frame of `context`.

    Scores are dot products of the prediction W_k c_t with latents. The loss of step k is
    -log softmax(positive | positive and negatives), mean over clips and frames; the result is
    the mean over the steps.

    Args:
        context: What predicts: (batch, window frame, context channel).
        latents: What is predicted, uncut: (batch, frame, channel). Positives come from the
            window, negatives from all frames of all clips.
        predictor: W, (K * channel, context channel); its k-th block of rows predicts k ahead.
        permutations: (negatives, batch * frame) int64; each row a permutation of the flattened
            batch and frame axes.
        begin: Frame of `latents` at which the window starts; None: the window is the whole.

    Returns:
        Scalar, in nats, float32 under autocast; its gradient can be taken once.

    Raises:
        ValueError: When the window is too short for the farthest prediction.

    Source: CPC (arXiv 1807.03748), equation 4; negatives as in Greedy InfoMax (arXiv 1905.11786).
    """
    steps_ahead = predictor.shape[0] // latents.shape[2]
    if context.shape[1] <= steps_ahead:
        raise ValueError(
            f"{context.shape[1]} frames are too few to predict {steps_ahead} frames ahead"
        )
    loss: Tensor = _InfoNCE.apply(context, latents, predictor, permutations, begin or 0)
    return loss


@lru_cache(maxsize=16)
def _aligned(
    batch: int, frames: int, steps_ahead: int, dtype: torch.dtype, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Return where the aligned rows lie among the predictions, and what they weigh in the loss.

    Args:
        batch: Clips, B.
        frames: Of the window, W.
        steps_ahead: K.
        dtype: Of the weights.
        device: Of both.

    Returns:
        Places (N, K) int64 in the predictions flattened from (B, W - 1, K), every place once: dots
        take those that have no frame to predict. Weights (N, K), 0 for a dot. N = B * (W - 1).
    """
    n = torch.arange(batch * (frames - 1), device=device)
    places, weights = [], []
    for k in range(1, steps_ahead + 1):
        pairs = frames - k  # frames of a clip that have a frame k ahead; k - 1 others have none
        row = n - batch * (k - 1)
        others = max(k - 1, 1)
        clip = torch.where(row >= 0, row // pairs, n // others)
        frame = torch.where(row >= 0, row % pairs, pairs + n % others)
        places.append((clip * (frames - 1) + frame) * steps_ahead + k - 1)
        weights.append((row >= 0).to(dtype) / (steps_ahead * batch * pairs))
    return torch.stack(places, dim=1), torch.stack(weights, dim=1)


class _InfoNCE(torch.autograd.Function):
    """Loss and gradients together; products in autocast's data type where it is on."""

    @staticmethod
    def forward(
        ctx: Any, context: Tensor, latents: Tensor, predictor: Tensor, draws: Tensor, begin: int
    ) -> Tensor:
        kind = context.device.type
        on = torch.is_autocast_enabled(kind)
        dtype = torch.get_autocast_dtype(kind) if on else context.dtype
        inputs, needed = (context, latents, predictor), ctx.needs_input_grad[:3]
        with torch.autocast(kind, enabled=False):
            c, z, w = (x.to(dtype) for x in inputs)
            loss, found = _loss_and_gradients(c, z, w, draws, begin, needed)
        ctx.gradients = [
            gradient.to(x.dtype) if wanted else None
            for gradient, x, wanted in zip(found, inputs, needed, strict=False)
        ]
        return loss

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor | None, ...]:
        found, ctx.gradients = ctx.gradients, None  # scaled in place, hence only once
        return (*(g if g is None else g.mul_(slopes[0]) for g in found), None, None)


def _loss_and_gradients(
    context: Tensor,
    latents: Tensor,
    predictor: Tensor,
    draws: Tensor,
    begin: int,
    needed: Sequence[bool],
) -> tuple[Tensor, Sequence[Tensor]]:
    """Return the loss and its gradients in context, latents (0 if not needed) and predictor.

    Letters: B batch, W window frame, T of them with a frame ahead, C channel, K step, J draw,
    N row, R rows at once. Softmax, loss and sums over draws and steps are in float32 at least.
    """
    (B, W, _), C = context.shape, latents.shape[2]
    J, K, T = draws.shape[0], predictor.shape[0] // C, W - 1
    full = torch.promote_types(context.dtype, torch.float32)
    places, weights = _aligned(B, W, K, full, context.device)  # (N, K)
    c = context[:, :T].contiguous()  # (B, T, D)
    window = latents[:, begin : begin + W]  # (B, W, C)
    flat = latents.reshape(-1, C)  # (B * L, C)
    drawn = draws[:, -len(places) :]  # (J, N)

    predictions = rows_by_weight(c, predictor).view(B, T, K, C)
    ahead = functional.pad(window, (0, 0, 0, K - 1))[:, 1:].unfold(1, K, 1)  # (B, T, C, K)
    ahead = ahead.transpose(2, 3)  # frame t + k of the clip, and beyond its end 0: (B, T, K, C)
    positives = torch.linalg.vecdot(predictions, ahead).to(full)  # their scores (B, T, K)

    wanted = any(needed)
    by_place, scores_by_place = predictions.view(-1, C), positives.view(-1)
    d_predictions = torch.empty_like(by_place if wanted else by_place[:0])
    d_positives = torch.empty_like(scores_by_place)
    d_flat = torch.zeros_like(flat, dtype=full)
    loss = context.new_zeros((), dtype=full)
    at_once = ROWS_AT_ONCE.get(context.device.type, ROWS_AT_ONCE["cuda"])
    for first in range(0, len(places), at_once):
        rows = slice(first, first + at_once)
        place, weight, frames = places[rows].reshape(-1), weights[rows], drawn[:, rows]
        predicted = by_place.index_select(0, place).view(-1, K, C)  # (R, K, C)
        negatives = flat.index_select(0, frames.T.reshape(-1)).view(-1, J, C)  # (R, J, C)
        scores = context.new_empty(1 + J, *weight.shape, dtype=full)  # first the positive
        scores[0] = scores_by_place.index_select(0, place).view_as(weight)
        scores[1:] = torch.bmm(negatives, predicted.transpose(1, 2)).transpose(0, 1)  # (J, R, K)
        log_share = torch.log_softmax(scores, dim=0)  # (1 + J, R, K)
        loss -= (log_share[0] * weight).sum()
        if not wanted:
            continue
        slope = log_share.exp_()  # of the loss in each score
        slope[0] -= 1
        slope *= weight
        d_positives.index_copy_(0, place, slope[0].view(-1))
        slope_negatives = slope[1:].permute(1, 2, 0).to(predicted.dtype).contiguous()  # (R, K, J)
        d_predictions.index_copy_(0, place, torch.bmm(slope_negatives, negatives).view(-1, C))
        if needed[1]:
            d_negatives = torch.bmm(slope_negatives.transpose(1, 2), predicted)  # (R, J, C)
            for draw, d_drawn in zip(frames, d_negatives.unbind(1), strict=True):
                # A permutation has no duplicates: no race, the same sum on every device.
                d_flat.index_copy_(0, draw, d_flat.index_select(0, draw).add_(d_drawn))
    if not wanted:
        return loss, ()

    d_latents = d_flat.view_as(latents)
    d_window = d_latents[:, begin : begin + W]
    slopes = d_positives.to(context.dtype).view(B, T, K, 1)
    for k in range(1, K + 1) if needed[1] else ():
        there = (slice(None), slice(W - k), k - 1)
        d_window[:, k:] += slopes[there] * predictions[there]
    d_rows = d_predictions.view(B, T, K, C).addcmul_(slopes, ahead).view(B, T, K * C)
    d_context = torch.zeros_like(context)
    d_context[:, :T], d_predictor = gradients(d_rows, c, predictor)
    return loss, (d_context, d_latents, d_predictor)
