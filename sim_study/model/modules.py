"""The parts of an encoder that are trained greedily: of the conv stack, and the context network."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import torch
from torch import Tensor, nn

from sim_study.config.model import ModelConfig
from sim_study.model.convolution import convolve
from sim_study.model.remake import remade_in_backward


class FrameConv(nn.Conv1d):
    """PyTorch's convolution, computed in the layout of the latents."""

    relu = False
    """Whether ReLU follows at once, in place."""

    def forward(self, input: Tensor) -> Tensor:
        """Return (batch, channel, frame), channels of a frame together in memory."""
        assert self.bias is not None
        stride, padding = self.stride[0], int(self.padding[0])
        return convolve(input, self.weight, self.bias, stride, padding, relu=self.relu)


class ConvModule(nn.Module):
    """Conv layers, each followed by ReLU, then two 1x1 heads: mean and log-variance.

    The predictor belongs to the module's loss; it is stored here, beside the weights that are
    trained with it, and plays no part in the latents. A module without a loss of its own has none.

    Args:
        model: Shape of the whole stack.
        layers: The stack's conv layers that this module holds.
        prediction_steps: Frames predicted ahead, K; None: no loss of its own, no predictor.

    Source: Smooth InfoMax (arXiv 2408.12936) and Greedy InfoMax (arXiv 1905.11786).
    """

    predictor: nn.Linear

    def __init__(self, model: ModelConfig, layers: range, prediction_steps: int | None) -> None:
        super().__init__()
        channels = model.channels
        self.batch_norm = model.batch_norm
        self.layers = nn.ModuleList()
        for layer in layers:
            conv = FrameConv(
                in_channels=1 if layer == 0 else channels,
                out_channels=channels,
                kernel_size=model.kernel_sizes[layer],
                stride=model.strides[layer],
                padding=model.paddings[layer],
            )
            conv.relu = not model.batch_norm
            norm = [nn.BatchNorm1d(channels), nn.ReLU()] if model.batch_norm else []
            self.layers.append(nn.Sequential(conv, *norm))
        self.mu = FrameConv(channels, channels, kernel_size=1)
        self.log_var = FrameConv(channels, channels, kernel_size=1)
        if prediction_steps is not None:
            self.predictor = nn.Linear(channels, prediction_steps * channels, bias=False)

    def features(self, x: Tensor) -> Tensor:
        """Return what the heads read: non-negative (batch, channel, frame).

        Args:
            x: Audio (batch, 1, sample), or latents (batch, channel, frame) of the module before.
        """
        first, rest = self.layers[0], self.layers[1:]
        if x.shape[1] > 1 or self.batch_norm or not torch.is_grad_enabled():
            return _in_turn(rest, first(x))  # (B, C, L)
        return remade_in_backward(first, partial(_in_turn, rest), x)

    def mean(self, x: Tensor) -> Tensor:
        """Return mu alone (batch, frame, channel), for latents that are not sampled."""
        mu: Tensor = self.mu(self.features(x))  # (B, C, L)
        return mu.transpose(1, 2)

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mu and log-variance, both (batch, frame, channel).

        Args:
            x: Audio (batch, 1, sample), or latents (batch, channel, frame) of the module before.
        """
        features = self.features(x)  # (B, C, L)
        return self.mu(features).transpose(1, 2), self.log_var(features).transpose(1, 2)


class ContextModule(nn.Module):
    """A one-layer GRU that sums up the frames so far; its predictor predicts its inputs.

    Args:
        model: Shape of the encoder.
        prediction_steps: Frames predicted ahead, K; None: it predicts nothing, no predictor.

    Source: CPC (arXiv 1807.03748); trained greedily as in Greedy InfoMax (arXiv 1905.11786).
    """

    predictor: nn.Linear

    def __init__(self, model: ModelConfig, prediction_steps: int | None) -> None:
        super().__init__()
        self.gru = nn.GRU(model.channels, model.context_channels, batch_first=True)
        if prediction_steps is not None:
            width = prediction_steps * model.channels
            self.predictor = nn.Linear(model.context_channels, width, bias=False)

    def forward(self, latents: Tensor) -> Tensor:
        """Return the context after each frame, from a zero state.

        Args:
            latents: The last conv module's latents (batch, frame, channel).

        Returns:
            Context (batch, frame, context channel).
        """
        # In the weights' precision, also under autocast: frame after frame, rounding adds up.
        with torch.autocast(latents.device.type, enabled=False):
            context: Tensor = self.gru(latents.to(next(self.gru.parameters()).dtype))[0]
        return context


def _in_turn(layers: Iterable[nn.Module], x: Tensor) -> Tensor:
    for layer in layers:
        x = layer(x)
    return x
