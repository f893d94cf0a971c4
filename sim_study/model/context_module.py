"""The context network on top of the conv stack: a module of its own, deterministic."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sim_study.config.model import ModelConfig


class ContextModule(nn.Module):
    """A one-layer GRU that sums up the frames so far; its predictor foretells its inputs.

    Args:
        model: Shape of the encoder.
        prediction_steps: Frames predicted ahead, K; None: it foretells nothing, no predictor.

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
