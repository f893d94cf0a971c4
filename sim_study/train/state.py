"""Everything a training carries from one epoch to the next, as named tensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from sim_study.model.encoder import Encoder

LayerTensors = dict[str, dict[str, Tensor]]


@dataclass(frozen=True)
class TrainState:
    """A training at the end of an epoch.

    Args:
        epoch: Finished epochs.
        modules: Weights and buffers by layer and name, predictors included.
        optimizers: Adam's state by layer: `<parameter>:<quantity>`; a parameter that never got a
            gradient has none.
    """

    epoch: int
    modules: LayerTensors
    optimizers: LayerTensors


def make_optimizers(encoder: Encoder, learning_rate: float) -> dict[str, torch.optim.Adam]:
    """Return one Adam for each layer; together they do what one Adam over all would do."""
    return {
        layer: torch.optim.Adam(encoder.module(layer).parameters(), lr=learning_rate, fused=True)
        for layer in encoder.layer_names
    }


def capture(encoder: Encoder, optimizers: Mapping[str, torch.optim.Adam], epoch: int) -> TrainState:
    """Copy a training's state to the CPU."""
    modules, states = {}, {}
    for layer in encoder.layer_names:
        module = encoder.module(layer)
        modules[layer] = {name: _copy(value) for name, value in module.state_dict().items()}
        states[layer] = {
            f"{name}:{quantity}": _copy(value)
            for name, parameter in module.named_parameters()
            for quantity, value in optimizers[layer].state[parameter].items()
        }
    return TrainState(epoch, modules, states)


def restore(
    encoder: Encoder, optimizers: Mapping[str, torch.optim.Adam], state: TrainState
) -> None:
    """Put a captured state back, in place."""
    for layer in encoder.layer_names:
        module = encoder.module(layer)
        module.load_state_dict(state.modules[layer])
        parameters = dict(module.named_parameters())
        for key, value in state.optimizers[layer].items():
            name, quantity = key.split(":")
            parameter = parameters[name]
            optimizers[layer].state[parameter][quantity] = value.to(parameter.device, copy=True)


def _copy(value: Tensor) -> Tensor:
    return value.detach().to("cpu", copy=True)
