"""The whole encoder: conv modules in a row, then the context network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn

from sim_study.config.geometry import module_layers
from sim_study.config.identity import seed_for
from sim_study.config.trial import EncoderConfig
from sim_study.model.initialise import initialise
from sim_study.model.modules import ContextModule, ConvModule
from sim_study.model.posterior import Streams, reparameterise, standard_normal

HEAD = "head"
"""Name of the linear map from the context to classes that is trained with a supervised encoder."""


class Encoder(nn.Module):
    """Five conv layers split into modules, and a GRU.

    Args:
        config: The encoder's configuration.
        classes: What a supervised encoder's linear head tells apart; None: there is no head. The
            head plays no part in the latents.
    """

    def __init__(self, config: EncoderConfig, classes: int | None = None) -> None:
        super().__init__()
        self.config = config
        self.layer_names = config.model.layer_names
        ahead = config.objective.prediction_steps if not config.traits.learns_labels else None
        each = None if config.traits.end_to_end else ahead
        self.conv_modules = nn.ModuleList(
            ConvModule(config.model, layers, each) for layers in module_layers(config.model)
        )
        self.context = ContextModule(config.model, ahead)
        self.head = None if classes is None else nn.Linear(config.model.context_channels, classes)

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of what is trained and stored, each by itself: the layers, and the head if any."""
        return self.layer_names if self.head is None else (*self.layer_names, HEAD)

    def part(self, name: str) -> nn.Module:
        """Return the part of this name."""
        return cast(nn.Module, self.head) if name == HEAD else self.module(name)

    def convolutional(self) -> dict[str, ConvModule]:
        """Return the conv modules by layer name, first to last."""
        modules = [cast(ConvModule, module) for module in self.conv_modules]
        return dict(zip(self.layer_names[:-1], modules, strict=True))

    def module(self, layer: str) -> ConvModule | ContextModule:
        """Return the module that is trained under this layer name."""
        return self.context if layer == "context" else self.convolutional()[layer]

    def encode(
        self, audio: Tensor, generators: Mapping[str, Streams] | None = None
    ) -> dict[str, Tensor]:
        """Return the latents of every layer.

        Args:
            audio: (batch, 1, sample) in [-1, 1).
            generators: A random stream for each conv module, or one for each module and clip.
                Given, and the method samples: a module's latents are one draw, which also feeds
                the next module. Otherwise the latents are the posterior means.

        Returns:
            By layer name: (batch, frame, channel); the context has its own width.
        """
        streams = generators if self.config.traits.samples else None
        latents: dict[str, Tensor] = {}
        x = audio  # (B, 1, T)
        for layer, module in self.convolutional().items():
            if streams is not None:
                mu, log_var = module.posterior(x)  # (B, L, C)
                z = reparameterise(mu, log_var, standard_normal(mu, streams[layer]))
            else:
                z = module.mean(x)  # (B, L, C)
            latents[layer] = z
            x = z.transpose(1, 2)  # (B, C, L)
        latents["context"] = self.context(z)
        return latents

    def posteriors(self, audio: Tensor) -> dict[str, tuple[Tensor, Tensor]]:
        """Return every conv module's posterior on the deterministic path (means feed onward).

        Args:
            audio: (batch, 1, sample) in [-1, 1).

        Returns:
            By layer name: mu and log-variance, each (batch, frame, channel).
        """
        found: dict[str, tuple[Tensor, Tensor]] = {}
        x = audio
        for layer, module in self.convolutional().items():
            mu, log_var = module.posterior(x)
            found[layer] = (mu, log_var)
            x = mu.transpose(1, 2)
        return found


def build_encoder(
    config: EncoderConfig,
    seed: int,
    *,
    classes: int | None = None,
    dtype: torch.dtype = torch.float32,
) -> Encoder:
    """Build an encoder whose modules are initialised each from a random stream of its own.

    Args:
        config: The encoder's configuration.
        seed: The trial's seed.
        classes: Of a supervised encoder's head.
        dtype: Of all weights; the same seed gives the same weights, rounded.
    """
    encoder = Encoder(config, classes).to(dtype)
    for part in encoder.parts:
        generator = torch.Generator().manual_seed(seed_for(seed, "init", part))
        initialise(encoder.part(part), generator)
    return encoder
