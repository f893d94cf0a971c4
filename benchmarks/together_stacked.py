"""The seeds of one configuration trained as one: their weights stacked along a seed axis.

Each part of a step is done in the way that was fastest on a CPU. The GRU, whose 64 small steps
cost more to start than to compute, and Adam run once for all seeds. The rest is a loop over seeds:
grouped convolutions, products of unfolded windows, and one InfoNCE over all seeds' rows do the
same arithmetic on arrays that no longer fit the cache (1.3, 5 and 1.5 times as long, 32 channels).

Axis letters: S seed, B batch, L frame, C channel, D context channel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from sim_study.config.trial import EncoderConfig
from sim_study.model.encoder import build_encoder
from sim_study.train.step import module_outcome
from sim_study.train.streams import Draws


class StackedSeeds:
    """Encoders of one configuration, one a seed, whose parameters are rows of stacked tensors.

    Args:
        config: Of all of them.
        seeds: One for each encoder.
        dtype: Of all weights.
    """

    def __init__(
        self, config: EncoderConfig, seeds: Sequence[int], dtype: torch.dtype = torch.float32
    ) -> None:
        self.encoders = [build_encoder(config, seed, dtype=dtype) for seed in seeds]
        named = zip(*(encoder.named_parameters() for encoder in self.encoders), strict=True)
        self.parameters: dict[str, Tensor] = {}
        for of_seeds in named:
            whole = torch.stack([parameter.detach() for _, parameter in of_seeds])  # (S, ...)
            gradient = torch.zeros_like(whole)
            for seed, (_, parameter) in enumerate(of_seeds):
                parameter.data, parameter.grad = whole[seed], gradient[seed]
            whole.requires_grad_().grad = gradient
            self.parameters[of_seeds[0][0]] = whole
        rate = config.train.learning_rate
        self.optimizer = torch.optim.Adam(self.parameters.values(), lr=rate, fused=True)

    def step(self, audio: Tensor, draws: Sequence[Mapping[str, Draws]]) -> list[dict[str, Tensor]]:
        """Update every module of every seed once.

        Args:
            audio: (seed, batch, 1, sample) in [-1, 1).
            draws: Of each seed, one for each layer.

        Returns:
            Of each seed, the loss of every layer.
        """
        self.optimizer.zero_grad(set_to_none=False)  # gradients are rows of the stacked ones
        xs = list(audio)  # S x (B, 1, T)
        losses: list[dict[str, Tensor]] = [{} for _ in self.encoders]
        *conv_layers, context_layer = self.encoders[0].layer_names
        for layer in conv_layers:
            for seed, encoder in enumerate(self.encoders):
                outcome = module_outcome(encoder, layer, xs[seed], draws[seed][layer])
                torch.autograd.backward(outcome.terms["loss"])
                losses[seed][layer] = outcome.terms["loss"].detach()
                xs[seed] = outcome.latents.transpose(1, 2)  # (B, C, L)

        contexts = self._contexts(torch.stack(xs).transpose(2, 3))  # (S, B, L, D)
        total = contexts.new_zeros(())
        for seed, (encoder, context) in enumerate(zip(self.encoders, contexts, strict=True)):
            encoder.context.forward = partial(_given, context)  # type: ignore[method-assign]
            outcome = module_outcome(encoder, context_layer, xs[seed], draws[seed][context_layer])
            losses[seed][context_layer] = outcome.terms["loss"].detach()
            total = total + outcome.terms["loss"]
        torch.autograd.backward(total)
        self.optimizer.step()
        return losses

    def _contexts(self, latents: Tensor) -> Tensor:
        weights = [
            self.parameters[f"context.gru.{kind}_l0"]
            for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        ]
        contexts: Tensor = _StackedGRU.apply(latents, *weights)
        return contexts


def _given(context: Tensor, latents: Tensor) -> Tensor:
    """Stand in for a context module whose output is known."""
    return context


class _StackedGRU(torch.autograd.Function):
    """PyTorch's one-layer GRU from a zero state, for all seeds at once; its input has no gradient.

    Reset, update and new gate are r, z and n; the state is h' = n + z (h - n).
    """

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, w_input: Tensor, w_state: Tensor, b_input: Tensor, b_state: Tensor
    ) -> Tensor:
        """Take x (S, B, L, C), weights (S, 3 D, C or D), biases (S, 3 D); return (S, B, L, D)."""
        S, B, L, C = x.shape
        D = w_state.shape[2]
        rows = x.transpose(1, 2).reshape(S, L * B, C)
        gates = torch.baddbmm(b_input.unsqueeze(1), rows, w_input.transpose(1, 2))
        gates = gates.view(S, L, B, 3 * D).transpose(0, 1).contiguous()  # (L, S, B, 3 * D)
        states = x.new_zeros(1 + L, S, B, D)
        state_news = x.new_empty(L, S, B, D)  # the state's part of n, before r
        for gate, h, after, state_new in zip(
            gates, states[:-1], states[1:], state_news, strict=True
        ):
            from_state = torch.baddbmm(b_state.unsqueeze(1), h, w_state.transpose(1, 2))
            state_new.copy_(from_state[..., 2 * D :])
            rz, n = gate[..., : 2 * D], gate[..., 2 * D :]
            rz.add_(from_state[..., : 2 * D]).sigmoid_()
            n.addcmul_(rz[..., :D], state_new).tanh_()
            torch.lerp(n, h, rz[..., D:], out=after)
        ctx.save_for_backward(rows, w_state, gates, states, state_news)
        return states[1:].permute(1, 2, 0, 3)

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor | None, ...]:
        rows, w_state, gates, states, state_news = ctx.saved_tensors
        L, S, B, D = state_news.shape
        r, z, n = gates.split(D, dim=3)
        per_n = (1 - z) * (1 - n * n)  # slope of each gate, before its bend, per slope of h'
        per_z = (states[:-1] - n) * z * (1 - z)
        per_r = per_n * state_news * r * (1 - r)
        per_gate = torch.stack([per_r, per_z, per_n * r], dim=3)  # (L, S, B, 3, D)
        d_gates = torch.empty_like(per_gate)
        d_states = slopes[0].permute(2, 0, 1, 3).contiguous()  # (L, S, B, D)
        for t in reversed(range(L)):
            torch.mul(per_gate[t], d_states[t].unsqueeze(2), out=d_gates[t])
            if t > 0:
                d_states[t - 1].addcmul_(d_states[t], z[t])
                d_states[t - 1].baddbmm_(d_gates[t].view(S, B, 3 * D), w_state)
        by_seed = d_gates.transpose(0, 1)  # (S, L, B, 3, D)
        of_state = by_seed.reshape(S, L * B, 3 * D)
        before = states[:-1].transpose(0, 1).reshape(S, L * B, D)
        d_w_state, d_b_state = torch.bmm(of_state.transpose(1, 2), before), of_state.sum(1)
        d_gates[..., 2, :] = per_n * d_states  # n reads the input's part without r
        of_input = by_seed.reshape(S, L * B, 3 * D)
        d_w_input, d_b_input = torch.bmm(of_input.transpose(1, 2), rows), of_input.sum(1)
        return None, d_w_input, d_w_state, d_b_input, d_b_state
