"""A training step as the paper's code takes it, on our encoder's weights: what we compare with.

Every negative is gathered at full length for each draw and kept; both heads are computed, also
where nothing reads the log-variance; both normal draws have full length; all modules run forward
before one backward pass; autograd finds every gradient.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from sim_study.config.train import ObjectiveConfig
from sim_study.model.encoder import Encoder
from sim_study.model.modules import ContextModule, ConvModule
from sim_study.train.streams import Draws


def reference_losses(encoder: Encoder, audio: Tensor, draws: Mapping[str, Draws]) -> list[Tensor]:
    """Return every loss, with its graph, first to last: one a module, or of cpc the context's.

    Args:
        encoder: Holds weights and settings.
        audio: (batch, 1, sample) in [-1, 1).
        draws: One for each layer.
    """
    objective, method = encoder.config.objective, encoder.config.method
    losses = []
    x = audio  # (B, 1, T)
    for layer in encoder.layer_names:
        module, of_layer = encoder.module(layer), draws[layer]
        if isinstance(module, ContextModule):
            context = module.gru(x.transpose(1, 2))[0]  # (B, L, D)
            losses.append(_info_nce(module, context, x.transpose(1, 2), objective, of_layer))
            continue
        mu, log_var = _heads(module, x)  # (B, L, C)
        if method == "cpc":
            x = mu.transpose(1, 2)  # (B, C, L)
            continue
        if method == "sim":
            spread = torch.exp(0.5 * log_var)
            c = mu + spread * of_layer.noise(mu, slice(None))
            z = mu + spread * of_layer.noise(mu, slice(None))
            kl = 0.5 * (log_var.exp() + mu**2 - log_var - 1).sum(dim=1).mean()
            nce = _info_nce(module, c, z, objective, of_layer)
            losses.append(nce + objective.kld_weight * kl)
        else:
            z = mu
            losses.append(_info_nce(module, mu, mu, objective, of_layer))
        x = z.detach().transpose(1, 2)  # (B, C, L)
    return losses


def reference_step(
    encoder: Encoder, audio: Tensor, optimizer: torch.optim.Optimizer, draws: Mapping[str, Draws]
) -> list[float]:
    """Update all modules once and return their losses from before the update."""
    losses = reference_losses(encoder, audio, draws)
    optimizer.zero_grad()
    torch.autograd.backward(torch.stack(losses).sum())
    optimizer.step()
    return [loss.item() for loss in losses]


def _heads(module: ConvModule, x: Tensor) -> tuple[Tensor, Tensor]:
    for layer in module.layers:
        assert isinstance(layer, nn.Sequential)
        conv = layer[0]
        assert isinstance(conv, nn.Conv1d)
        y = functional.conv1d(x, conv.weight, conv.bias, conv.stride, conv.padding)
        x = functional.relu(y)
    mu, log_var = (
        functional.conv1d(x, head.weight, head.bias).transpose(1, 2)
        for head in (module.mu, module.log_var)
    )
    return mu, log_var


def _info_nce(
    module: ConvModule | ContextModule,
    context: Tensor,
    latents: Tensor,
    objective: ObjectiveConfig,
    draws: Draws,
) -> Tensor:
    batch, frames, channels = latents.shape
    begin, window = 0, min(frames, objective.window_frames)
    if frames > window:
        begin = draws.begin(frames, window)
    permutations = draws.permutations(objective.negatives, batch * frames)
    flat = latents.reshape(-1, channels)  # (B * L, C)
    negatives = torch.stack([flat[draw] for draw in permutations], dim=2)  # (B * L, C, J)
    predictions = module.predictor(context[:, begin : begin + window])  # (B, W, K * C)
    targets = latents[:, begin : begin + window]
    losses = []
    for k in range(1, objective.prediction_steps + 1):
        block = slice((k - 1) * channels, k * channels)
        predicted = predictions[:, :-k, block].reshape(-1, 1, channels)  # (N, 1, C)
        positive = targets[:, k:].reshape(-1, channels, 1)  # (N, C, 1)
        scores = torch.cat(
            [predicted @ positive, predicted @ negatives[-len(predicted) :]], dim=2
        )  # (N, 1, 1 + J)
        losses.append(-functional.log_softmax(scores.squeeze(1), dim=1)[:, 0].mean())
    return torch.stack(losses).mean()
