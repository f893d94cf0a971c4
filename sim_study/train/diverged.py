"""The end of a training that went to infinity."""

from __future__ import annotations


class Diverged(Exception):
    """A loss became NaN or infinite; the same seed and configuration would do so again.

    Args:
        layer: Whose loss.
        epoch: Counted from 1, as reported.
        step: Within the epoch, counted from 1.
        value: The loss.
    """

    def __init__(self, layer: str, epoch: int, step: int, value: float) -> None:
        self.layer, self.epoch, self.step, self.value = layer, epoch, step, value
        super().__init__(f"the loss of {layer} became {value} in epoch {epoch}, step {step}")
