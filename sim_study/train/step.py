"""One training step: greedily, one module after another, or end to end.

Greedily, every module has a loss of its own and no gradient leaves it: what it hands on is
detached. End to end, one loss at the context trains all layers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from sim_study.config.train import ObjectiveConfig
from sim_study.model.encoder import Encoder
from sim_study.model.modules import ContextModule, ConvModule
from sim_study.model.posterior import reparameterise
from sim_study.objective.cross_entropy import cross_entropy
from sim_study.objective.gaussian_kl import kl_nats_per_frame, reduce_kl
from sim_study.objective.info_nce import info_nce
from sim_study.train.streams import Draws

Terms = dict[str, Tensor]
"""Scalars by quantity, `loss` among them with its graph."""


@torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=True)
def train_step(
    encoder: Encoder,
    audio: Tensor,
    optimizers: Mapping[str, torch.optim.Optimizer],
    draws: Mapping[str, Draws],
    labels: Tensor | None = None,
) -> Terms:
    """Update every module once on the same batch; reproducibly, also on CUDA.

    Args:
        encoder: Changed in place.
        audio: (batch, 1, sample) in [-1, 1).
        optimizers: One for each part of the encoder.
        draws: One for each layer.
        labels: What a supervised encoder learns: see `end_to_end_terms`.

    Returns:
        Detached scalars from before the update, keyed quantity/layer; end to end, the layer is
        the context.
    """
    low = torch.autocast(
        audio.device.type, torch.bfloat16, enabled=encoder.config.train.precision == "bf16"
    )
    if encoder.config.traits.end_to_end:
        with low:
            terms = end_to_end_terms(encoder, audio, draws["context"], labels)
        _update(terms["loss"], [*optimizers.values()])
        return _detached(terms, "context")

    found: Terms = {}
    x = audio  # (B, 1, T)
    for layer in encoder.layer_names:
        with low:
            terms, latents = module_terms(encoder, layer, x, draws[layer])
        _update(terms["loss"], [optimizers[layer]])
        found |= _detached(terms, layer)
        x = latents.transpose(1, 2)  # (B, C, L)
    return found


def _update(loss: Tensor, optimizers: Sequence[torch.optim.Optimizer]) -> None:
    for optimizer in optimizers:
        optimizer.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    for optimizer in optimizers:
        optimizer.step()


def _detached(terms: Terms, layer: str) -> Terms:
    return {f"{quantity}/{layer}": value.detach() for quantity, value in terms.items()}


def end_to_end_terms(
    encoder: Encoder, audio: Tensor, draws: Draws, labels: Tensor | None = None
) -> Terms:
    """Return the one loss of an encoder that is trained as a whole; its gradient reaches all.

    Args:
        encoder: Of method cpc, or supervised with a head.
        audio: (batch, 1, sample) in [-1, 1).
        draws: The context's random draws; supervised needs none.
        labels: Of supervised: (batch,) int64, a class each clip, read from the context's mean
            over frames; or (batch, frame), a class each frame, UNLABELLED where there is none.

    Returns:
        loss and, the same, nce: InfoNCE of predicting the last conv module's latents from the
        context. Of supervised: loss and, the same, cross_entropy, and train_accuracy, the
        fraction of labels that the head ranks first.

    Source: CPC (arXiv 1807.03748), section 2.
    """
    latents = encoder.encode(audio)
    context = latents["context"]  # (B, L, D)
    if encoder.head is not None:
        assert labels is not None, "a supervised encoder learns from labels"
        codes = context.mean(dim=1) if labels.dim() == 1 else context.flatten(0, 1)  # (row, D)
        with torch.autocast(audio.device.type, enabled=False):  # as probes: full precision
            loss, accuracy = cross_entropy(encoder.head(codes), labels.flatten())
        return {"loss": loss, "cross_entropy": loss, "train_accuracy": accuracy}
    last = latents[encoder.layer_names[-2]]  # (B, L, C)
    nce = _deterministic_nce(context, last, encoder.context, encoder.config.objective, draws)
    return {"loss": nce, "nce": nce}


def module_terms(encoder: Encoder, layer: str, x: Tensor, draws: Draws) -> tuple[Terms, Tensor]:
    """Return what one greedily trained module makes of one batch.

    Args:
        encoder: Holds the module and says how it is trained.
        layer: The module's name.
        x: Its input, detached: audio (batch, 1, sample) or latents (batch, channel, frame).
        draws: Its random draws.

    Returns:
        Scalars by quantity: nce, in nats, mean over predictions; loss (with its graph): nce plus,
        for sim, kld_weight * kl. For sim also kl, unweighted, in the configured reduction: nats a
        frame under channel_sum, nats a channel of a whole clip under frame_sum; and kl_nats, in
        nats a frame, mean over batch and frames. Beside them the next module's input, detached
        (batch, frame, channel).
    """
    module = encoder.module(layer)
    objective = encoder.config.objective
    if isinstance(module, ContextModule):
        latents = x.transpose(1, 2)  # (B, L, C)
        context = module(latents)  # (B, L, D)
        nce = _deterministic_nce(context, latents, module, objective, draws)
        return {"loss": nce, "nce": nce}, context.detach()
    if encoder.config.traits.samples:
        return _sampled_terms(module, x, objective, draws)
    mu = module.mean(x)  # (B, L, C)
    nce = _deterministic_nce(mu, mu, module, objective, draws)
    return {"loss": nce, "nce": nce}, mu.detach()


def _sampled_terms(
    module: ConvModule, x: Tensor, objective: ObjectiveConfig, draws: Draws
) -> tuple[Terms, Tensor]:
    """Of SIM: one draw, c, predicts; another, z, is predicted and handed on."""
    mu, log_var = module.posterior(x)  # (B, L, C)
    begin, window = _window(mu.shape[1], objective, draws)
    c = reparameterise(mu[:, window], log_var[:, window], draws.noise(mu, window))  # (B, W, C)
    z = reparameterise(mu, log_var, draws.noise(mu, slice(None)))  # (B, L, C)
    nce = _predict(c, z, module.predictor.weight, begin, objective, draws)
    nats = kl_nats_per_frame(mu, log_var)  # (B, L)
    kl = reduce_kl(nats, mu.shape[2], objective.kl_reduction)
    loss = nce + objective.kld_weight * kl
    return {"loss": loss, "nce": nce, "kl": kl, "kl_nats": nats.mean()}, z.detach()


def _deterministic_nce(
    c: Tensor,
    z: Tensor,
    module: ConvModule | ContextModule,
    objective: ObjectiveConfig,
    draws: Draws,
) -> Tensor:
    """Return the InfoNCE of predicting z from a window of c, both deterministic."""
    begin, window = _window(c.shape[1], objective, draws)
    return _predict(c[:, window], z, module.predictor.weight, begin, objective, draws)


def _window(frames: int, objective: ObjectiveConfig, draws: Draws) -> tuple[int, slice]:
    """Return the window's first frame and the window, which is all of a short sequence."""
    if frames <= objective.window_frames:
        return 0, slice(None)
    begin = draws.begin(frames, objective.window_frames)
    return begin, slice(begin, begin + objective.window_frames)


def _predict(
    c: Tensor, z: Tensor, predictor: Tensor, begin: int, objective: ObjectiveConfig, draws: Draws
) -> Tensor:
    batch, frames = z.shape[:2]
    permutations = draws.permutations(objective.negatives, batch * frames)
    return info_nce(c, z, predictor, permutations, begin)
