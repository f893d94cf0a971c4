"""Where a training that went to infinity ends: in an epoch's means, or in the weights."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from sim_study.model.encoder import Encoder

READ_STEPS = 32
"""Reading a number makes the processor wait for the GPU; a divergence is noticed this late."""


class Diverged(Exception):
    """A number became NaN or infinite; the same seed and configuration would do so again.

    The message says which number, of which layer, and when, as far as that is known.
    """


class StepMeans:
    """An epoch's means over what its steps return, read from the device rarely.

    Args:
        epoch: For messages.
    """

    def __init__(self, epoch: int) -> None:
        self.steps = 0
        self._epoch = epoch
        self._keys: list[str] = []
        self._waiting: list[Tensor] = []
        self._values: list[list[float]] = []  # by step, then by key

    def add(self, terms: dict[str, Tensor]) -> None:
        """Take one step's scalars, keyed quantity/layer, the same keys every step.

        Raises:
            Diverged: A number of this or a recent step is NaN or infinite.
        """
        self.steps += 1
        self._keys = list(terms)
        self._waiting.append(torch.stack([*terms.values()]))  # (key,)
        if len(self._waiting) == READ_STEPS:
            self._read()

    def close(self) -> dict[str, float]:
        """Return the means over all steps by key.

        Raises:
            Diverged: A number is NaN or infinite.
        """
        self._read()
        columns = zip(*self._values, strict=True)
        return {
            key: math.fsum(column) / self.steps
            for key, column in zip(self._keys, columns, strict=True)
        }

    def _read(self) -> None:
        if not self._waiting:
            return
        for values in torch.stack(self._waiting).tolist():  # (step, key)
            self._values.append(values)
            for key, value in zip(self._keys, values, strict=True):
                if not math.isfinite(value):
                    layer, step = key.split("/")[1], len(self._values)
                    raise Diverged(
                        f"the loss of {layer} became {value} in epoch {self._epoch}, step {step}"
                    )
        self._waiting.clear()


def check_weights(encoder: Encoder, epoch: int) -> None:
    """Refuse an encoder that the epoch's last update broke: losses are from before an update.

    Raises:
        Diverged: A weight is NaN or infinite.
    """
    for part in encoder.parts:
        state = encoder.part(part).state_dict()  # buffers included
        if not torch.stack([value.isfinite().all() for value in state.values()]).all():
            raise Diverged(f"a weight of {part} became NaN or infinite in epoch {epoch}")
