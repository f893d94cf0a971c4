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
        modules: Weights and buffers by part (layers and head) and name, predictors included.
        optimizers: Adam's state by part: `<parameter>:<quantity>`; a parameter that never got a
            gradient has none.
    """

    epoch: int
    modules: LayerTensors
    optimizers: LayerTensors


def make_optimizers(encoder: Encoder, learning_rate: float) -> dict[str, torch.optim.Adam]:
    """Return one Adam for each part; together they do what one Adam over all would do."""
    return {
        part: torch.optim.Adam(encoder.part(part).parameters(), lr=learning_rate, fused=True)
        for part in encoder.parts
    }


def capture(encoder: Encoder, optimizers: Mapping[str, torch.optim.Adam], epoch: int) -> TrainState:
    """Copy a training's state to the CPU."""
    modules, states = {}, {}
    for part in encoder.parts:
        module = encoder.part(part)
        modules[part] = {name: _copy(value) for name, value in module.state_dict().items()}
        states[part] = {
            f"{name}:{quantity}": _copy(value)
            for name, parameter in module.named_parameters()
            for quantity, value in optimizers[part].state[parameter].items()
        }
    return TrainState(epoch, modules, states)


def restore(
    encoder: Encoder, optimizers: Mapping[str, torch.optim.Adam], state: TrainState
) -> None:
    """Put a captured state back, in place."""
    for part in encoder.parts:
        module = encoder.part(part)
        module.load_state_dict(state.modules[part])
        parameters = dict(module.named_parameters())
        for key, value in state.optimizers[part].items():
            name, quantity = key.split(":")
            parameter = parameters[name]
            optimizers[part].state[parameter][quantity] = value.to(parameter.device, copy=True)


def _copy(value: Tensor) -> Tensor:
    return value.detach().to("cpu", copy=True)
