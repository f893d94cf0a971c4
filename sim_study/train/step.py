"""One step of one module: its loss from its input, its update, its latents for the next module.

No gradient leaves a module: what it hands on is detached.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from sim_study.config.objective import ObjectiveConfig
from sim_study.config.trial import Method
from sim_study.model.context_module import ContextModule
from sim_study.model.conv_module import ConvModule
from sim_study.model.encoder import Encoder
from sim_study.model.posterior import reparameterise
from sim_study.objective.gaussian_kl import kl_nats_per_frame, reduce_kl
from sim_study.objective.info_nce import info_nce
from sim_study.train.streams import Draws


@dataclass(frozen=True)
class Outcome:
    """What one module made of one batch.

    Args:
        terms: Scalars by quantity: nce, in nats, mean over predictions; loss (with its graph): nce
            plus, for sim, kld_weight * kl. For sim also kl, unweighted, in the configured
            reduction: nats a frame under channel_sum, nats a channel of a whole clip under
            frame_sum; and kl_nats, in nats a frame, mean over batch and frames.
        latents: Detached input of the next module (batch, frame, channel).
    """

    terms: dict[str, Tensor]
    latents: Tensor


@torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=True)
def train_step(
    encoder: Encoder,
    audio: Tensor,
    optimizers: Mapping[str, torch.optim.Optimizer],
    draws: Mapping[str, Draws],
) -> dict[str, Tensor]:
    """Update every module once, first to last, on the same batch; reproducibly, also on CUDA.

    Args:
        encoder: Changed in place.
        audio: (batch, 1, sample) in [-1, 1).
        optimizers: One for each layer.
        draws: One for each layer.

    Returns:
        Detached scalars from before the update, keyed quantity/layer.
    """
    terms: dict[str, Tensor] = {}
    x = audio  # (B, 1, T)
    low = encoder.config.train.precision == "bf16"
    for layer in encoder.layer_names:
        with torch.autocast(audio.device.type, torch.bfloat16, enabled=low):
            outcome = module_outcome(encoder, layer, x, draws[layer])
        optimizers[layer].zero_grad(set_to_none=True)
        torch.autograd.backward(outcome.terms["loss"])
        optimizers[layer].step()
        terms |= {f"{quantity}/{layer}": v.detach() for quantity, v in outcome.terms.items()}
        x = outcome.latents.transpose(1, 2)  # (B, C, L)
    return terms


def module_outcome(encoder: Encoder, layer: str, x: Tensor, draws: Draws) -> Outcome:
    """Return the losses and latents of one module.

    Args:
        encoder: Holds the module and says how it is trained.
        layer: The module's name.
        x: Its input, detached: audio (batch, 1, sample) or latents (batch, channel, frame).
        draws: Its random draws.
    """
    module = encoder.module(layer)
    objective = encoder.config.objective
    if isinstance(module, ContextModule):
        return _context_outcome(module, x.transpose(1, 2), objective, draws)
    return _conv_outcome(module, x, encoder.config.method, objective, draws)


def _conv_outcome(
    module: ConvModule, x: Tensor, method: Method, objective: ObjectiveConfig, draws: Draws
) -> Outcome:
    """GIM's latent is mu; SIM draws c, which predicts, and z, which is predicted and handed on."""
    if method != "sim":
        mu = module.mean(x)  # (B, L, C)
        begin, window = _window(mu.shape[1], objective, draws)
        nce = _predict(mu[:, window], mu, module.predictor.weight, begin, objective, draws)
        return Outcome({"loss": nce, "nce": nce}, mu.detach())

    mu, log_var = module.posterior(x)  # (B, L, C)
    begin, window = _window(mu.shape[1], objective, draws)
    c_noise = draws.noise(mu, window)
    c = reparameterise(mu[:, window], log_var[:, window], c_noise)  # (B, W, C)
    z = reparameterise(mu, log_var, draws.noise(mu, slice(None)))  # (B, L, C)
    nce = _predict(c, z, module.predictor.weight, begin, objective, draws)
    nats = kl_nats_per_frame(mu, log_var)  # (B, L)
    kl = reduce_kl(nats, mu.shape[2], objective.kl_reduction)
    terms = {
        "loss": nce + objective.kld_weight * kl,
        "nce": nce,
        "kl": kl,
        "kl_nats": nats.mean(),
    }
    return Outcome(terms, z.detach())


def _context_outcome(
    module: ContextModule, latents: Tensor, objective: ObjectiveConfig, draws: Draws
) -> Outcome:
    context = module(latents)  # (B, L, D)
    begin, window = _window(context.shape[1], objective, draws)
    nce = _predict(context[:, window], latents, module.predictor.weight, begin, objective, draws)
    return Outcome({"loss": nce, "nce": nce}, context.detach())


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
