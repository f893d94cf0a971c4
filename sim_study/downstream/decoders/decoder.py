"""Transposed convolutions from a module's latents back to the waveform."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from sim_study.config.geometry import layer_frames
from sim_study.config.model import ModelConfig
from sim_study.downstream.codes.standardise import Moments
from sim_study.downstream.decoders.transposed_convolution import PhaseConvTranspose
from sim_study.model.initialise import initialise

SMOOTHING_KERNEL = 3
SMOOTHING_PER_LAYER = 2


@dataclass(frozen=True)
class DecoderLayer:
    """Shape of one transposed convolution, in samples or frames of its output.

    Args:
        kernel: Taps.
        stride: Outputs an input frame.
        padding: Outputs cut from each end.
        output_padding: Outputs added at the end, which the encoder's stride had dropped.
    """

    kernel: int
    stride: int
    padding: int
    output_padding: int


def decoder_geometry(model: ModelConfig, layers: int, samples: int) -> tuple[DecoderLayer, ...]:
    """Mirror the encoder's first `layers` conv layers, so that the output has `samples` samples.

    A strided convolution drops the remainder of the division by its stride; the mirrored layer's
    output padding gives it back. From two layers up, as in the paper's first module, there is
    little depth to decode with, so each mirrored layer is followed by two of stride 1.

    Args:
        model: Shape of the encoder's conv stack.
        layers: Conv layers below the latent.
        samples: Samples of a clip.

    Returns:
        Layers in decoding order, latent first.

    Source:
        Smooth InfoMax, arXiv 2408.12936; for 5, 4 and 2 layers of the default stack this is the
        published geometry.
    """
    mirrored = []
    shapes = zip(model.kernel_sizes, model.strides, model.paddings, strict=True)
    lengths = (samples, *layer_frames(model, samples))  # before each conv layer
    for length, (kernel, stride, padding) in list(zip(lengths, shapes, strict=False))[:layers]:
        remainder = (length + 2 * padding - kernel) % stride
        mirrored.append(DecoderLayer(kernel, stride, padding, remainder))
    if layers != 2:
        return tuple(reversed(mirrored))
    smoothing = DecoderLayer(SMOOTHING_KERNEL, 1, SMOOTHING_KERNEL // 2, 0)
    return tuple(
        part for layer in reversed(mirrored) for part in (layer, *[smoothing] * SMOOTHING_PER_LAYER)
    )


class Decoder(nn.Module):
    """Waveforms from the latents that lie on top of the first `layers` conv layers."""

    def __init__(self, model: ModelConfig, layers: int, samples: int) -> None:
        super().__init__()
        geometry = decoder_geometry(model, layers, samples)
        parts: OrderedDict[str, nn.Module] = OrderedDict()
        for index, layer in enumerate(geometry):
            is_last = index == len(geometry) - 1
            parts[f"conv_transpose_{index}"] = PhaseConvTranspose(
                model.channels,
                1 if is_last else model.channels,
                layer.kernel,
                stride=layer.stride,
                padding=layer.padding,
                output_padding=layer.output_padding,
            )
            if not is_last:
                parts[f"relu_{index}"] = nn.ReLU()
        self.decoder = nn.Sequential(parts)
        self.scales: tuple[torch.Tensor, torch.Tensor] | None = None

    def standardise(self, scales: Moments) -> None:
        """From now on bring every channel to mean 0 and variance 1 first, by these moments.

        A channel that is constant is set to 0. What is decoded stays on the scale of the latents.
        """
        like = next(self.parameters())
        factor = scales.varies / np.where(scales.varies, scales.deviation, 1.0)
        self.scales = (
            torch.from_numpy(scales.mean).to(like)[:, None],
            torch.from_numpy(factor).to(like)[:, None],
        )

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        """Decode.

        Args:
            latents: (batch, channel, frame).

        Returns:
            (batch, 1, sample); amplitude is not limited to [-1, 1].
        """
        if self.scales is not None:
            mean, factor = self.scales  # (C, 1)
            latents = (latents - mean) * factor
        waveform: torch.Tensor = self.decoder(latents)  # (B, 1, T)
        return waveform


def build_decoder(model: ModelConfig, layers: int, samples: int, seed: int) -> Decoder:
    """Return a float32 decoder with PyTorch's default initial weights, drawn with `seed`."""
    decoder = Decoder(model, layers, samples)
    initialise(decoder, torch.Generator().manual_seed(seed))
    return decoder


def decode(
    decoder: Decoder, latents: torch.Tensor, *, batch_size: int, device: torch.device | str = "cpu"
) -> torch.Tensor:
    """Decode without gradients, a batch at a time: (clip, frame, channel) -> (clip, 1, sample)."""
    parts = torch.split(latents, batch_size)
    with torch.no_grad():
        return torch.cat([decoder(part.to(device).transpose(1, 2)).cpu() for part in parts])
