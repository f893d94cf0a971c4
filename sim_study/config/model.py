"""The encoder's shape."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from sim_study.config.strict import Strict

Count = Annotated[int, Field(ge=1)]

SPLITS: dict[int, tuple[int, ...]] = {
    1: (5,),
    2: (3, 2),
    3: (2, 2, 1),
    4: (2, 1, 1, 1),
    5: (1, 1, 1, 1, 1),
}
"""Conv layers of each module, by module count, for the five-layer stack."""


class ModelConfig(Strict):
    """Shape of the conv stack, its split into greedy modules, and the context network."""

    modules: int = Field(3, ge=1, le=5, description="Into how many modules the stack is split.")
    split: tuple[Count, ...] | None = Field(
        None, description="Conv layers of each module; overrides `modules`."
    )
    channels: Count = Field(512, description="Channels of every conv layer and latent.")
    context_channels: Count = Field(256, description="Width of the GRU's output.")
    kernel_sizes: tuple[Count, ...] = Field((10, 8, 4, 4, 4), description="Samples or frames.")
    strides: tuple[Count, ...] = Field((5, 4, 2, 2, 2), description="Samples or frames.")
    paddings: tuple[Annotated[int, Field(ge=0)], ...] = Field(
        (2, 2, 2, 2, 1), description="Zeros on each side."
    )
    batch_norm: bool = Field(False, description="Batch normalisation before each ReLU.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        layers = len(self.kernel_sizes)
        if not len(self.strides) == len(self.paddings) == layers:
            raise ValueError("kernel_sizes, strides and paddings must have the same length")
        if self.split is None and layers != 5:
            raise ValueError("split is required when the stack does not have five conv layers")
        if self.split is not None and sum(self.split) != layers:
            raise ValueError(f"split must add up to the stack's {layers} conv layers")
        return self

    @property
    def layers_per_module(self) -> tuple[int, ...]:
        """Conv layers of each module, in order."""
        return self.split if self.split is not None else SPLITS[self.modules]

    @property
    def layer_names(self) -> tuple[str, ...]:
        """Names of the places one can read a latent from: module_0, module_1, ..., context."""
        modules = (f"module_{index}" for index in range(len(self.layers_per_module)))
        return (*modules, "context")
