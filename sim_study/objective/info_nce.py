"""InfoNCE with negatives drawn from the whole batch, without a copy of them for every step ahead.

Prediction step k compares its rows with the *last* rows of each permutation. Steps therefore
share negatives once their rows are aligned at the end:

    step 1   |0 1 2 3 ...          N_1 - 1|    N_k = batch * (frames - k) rows
    step 2   |. . 0 1 ...          N_2 - 1|    (a dot is a row without weight)
    step 3   |. . . . 0 ...        N_3 - 1|
    draw j   |p p p p p ...               |    gathered once, used by all K steps

and row by row all K predictions meet all J negatives in one (K, C) x (C, J) product. Value and
gradients are computed in one go, while everything is at hand; backward only scales them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor


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
        Scalar, in nats.

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


class _Step(NamedTuple):
    """Where prediction step k finds its part of the shared arrays.

    Args:
        ahead: k, in frames.
        pairs: Frames of the window that have a frame k ahead.
        rows: Its part of the aligned row axis, batch * pairs long.
        block: Its part of the predictor's rows.
    """

    ahead: int
    pairs: int
    rows: slice
    block: slice


def _steps(batch: int, frames: int, channels: int, steps_ahead: int) -> Iterator[_Step]:
    longest = batch * (frames - 1)
    for k in range(1, steps_ahead + 1):
        rows = slice(longest - batch * (frames - k), longest)
        yield _Step(k, frames - k, rows, slice((k - 1) * channels, k * channels))


class _InfoNCE(torch.autograd.Function):
    """Letters: B batch, W window frame, C channel, D context channel, K step, J draw, N row."""

    @staticmethod
    def forward(
        ctx: Any, context: Tensor, latents: Tensor, predictor: Tensor, draws: Tensor, begin: int
    ) -> Tensor:
        B, W, D = context.shape
        C = latents.shape[2]
        J, K, N = draws.shape[0], predictor.shape[0] // C, B * (W - 1)
        steps = list(_steps(B, W, C, K))
        window = latents[:, begin : begin + W]  # (B, W, C)
        flat = latents.reshape(-1, C)  # (B * L, C)

        drawn = draws[:, -N:]  # (J, N)
        negatives = flat.index_select(0, drawn.T.reshape(-1)).view(N, J, C)
        predictions = context.new_zeros(K, N, C)
        weights = context.new_zeros(K, N)  # of a row in the loss
        scores = context.new_zeros(1 + J, K, N)  # first the positive, then the negatives
        for step, predicted in zip(steps, predictions, strict=True):
            c = context[:, : step.pairs].reshape(-1, D)  # (N_k, D)
            torch.mm(c, predictor[step.block].T, out=predicted[step.rows])
            positive = predicted[step.rows].view(B, step.pairs, C) * window[:, step.ahead :]
            scores[0, step.ahead - 1, step.rows] = positive.sum(dim=2).view(-1)
            weights[step.ahead - 1, step.rows] = 1 / (K * B * step.pairs)
        by_row = predictions.transpose(0, 1)  # (N, K, C)
        scores[1:] = torch.bmm(by_row, negatives.transpose(1, 2)).permute(2, 1, 0)  # (J, K, N)

        log_share = torch.log_softmax(scores, dim=0)  # (1 + J, K, N)
        loss = -(log_share[0] * weights).sum()
        if not any(ctx.needs_input_grad):
            return loss

        slope = log_share.exp_()  # of the loss in each score
        slope[0] -= 1
        slope *= weights
        slope_negatives = slope[1:].permute(2, 1, 0).contiguous()  # (N, K, J)
        d_predictions = torch.bmm(slope_negatives, negatives).transpose(0, 1)  # (K, N, C)
        d_flat = torch.zeros_like(flat)
        if ctx.needs_input_grad[1]:
            d_negatives = torch.bmm(slope_negatives.transpose(1, 2), by_row)  # (N, J, C)
            for rows, d_drawn in zip(drawn, d_negatives.unbind(1), strict=True):
                # A permutation has no duplicates: no race, the same sum on every device.
                d_flat.index_add_(0, rows, d_drawn.contiguous())
        d_latents = d_flat.view_as(latents)
        d_window = d_latents[:, begin : begin + W]
        d_context = torch.zeros_like(context)
        d_predictor = torch.empty_like(predictor)
        for step, predicted, d_predicted in zip(steps, predictions, d_predictions, strict=True):
            slope_positive = slope[0, step.ahead - 1, step.rows].view(B, step.pairs, 1)
            d_window[:, step.ahead :].addcmul_(
                slope_positive, predicted[step.rows].view(B, step.pairs, C)
            )
            positive = slope_positive * window[:, step.ahead :]  # (B, W - k, C)
            d_rows = d_predicted[step.rows] + positive.view(-1, C)  # (N_k, C)
            c = context[:, : step.pairs].reshape(-1, D)  # (N_k, D)
            torch.mm(d_rows.T, c, out=d_predictor[step.block])
            d_context[:, : step.pairs] += (d_rows @ predictor[step.block]).view(B, step.pairs, D)
        ctx.save_for_backward(d_context, d_latents, d_predictor)
        return loss

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor | None, ...]:
        gradients = (
            gradient * slopes[0] if needed else None
            for gradient, needed in zip(ctx.saved_tensors, ctx.needs_input_grad, strict=False)
        )
        return (*gradients, None, None)
