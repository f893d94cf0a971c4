"""Training a decoder on one module's frozen latents."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from sim_study.config.decoder import DecoderConfig
from sim_study.config.identity import seed_for
from sim_study.data.audio import to_float
from sim_study.data.clips import Clips
from sim_study.data.recordings import Samples
from sim_study.downstream.decoder import Decoder, build_decoder, decode
from sim_study.downstream.decoder_losses import DECODER_LOSSES, mse
from sim_study.downstream.features import frozen_latents
from sim_study.errors import Problem, UserError
from sim_study.model.encoder import Encoder
from sim_study.model.geometry import module_layers
from sim_study.train.diverged import Diverged

Report = Callable[[int, dict[str, float]], None]


@dataclass(frozen=True)
class DecoderFit:
    """A trained decoder and a few words it decoded.

    Args:
        decoder: In evaluation mode.
        metrics: On the test split: `decoder_loss/<loss>/module_m` (the loss it was trained on),
            `decoder_mse/<loss>/module_m`, and `decoder_mse_silence/<loss>/module_m`: the error of
            answering silence, which a decoder that has learnt anything stays below.
        sound_ids: Names of the decoded test words.
        originals: (sounds, sample) float32.
        reconstructions: (sounds, sample) float32.
    """

    decoder: Decoder
    metrics: dict[str, float]
    sound_ids: tuple[str, ...]
    originals: np.ndarray
    reconstructions: np.ndarray


def train_decoder(
    encoder: Encoder,
    words_train: Clips,
    words_test: Clips,
    config: DecoderConfig,
    seed: int,
    *,
    report: Report,
    device: torch.device | str = "cpu",
) -> DecoderFit:
    """Train a decoder from the posterior means, which are computed once.

    Args:
        encoder: A frozen encoder.
        words_train: Training-split words.
        words_test: Test-split words, of the same length.
        config: Module, loss and training.
        seed: Draws the initial weights and the order of clips.
        report: Called after every epoch (counted from 1) with
            `decoder_loss_train/<loss>/module_m`, the mean training loss of the epoch.
        device: Where to encode and to train.

    Raises:
        UserError: The encoder has no such module.
        Diverged: The loss is NaN or infinite, on either split.
    """
    model = encoder.config.model
    modules = module_layers(model)
    if config.module >= len(modules):
        law = f"must be below the encoder's {len(modules)} modules"
        raise UserError(Problem("decoder", law, "module", config.module))
    layer = f"module_{config.module}"
    place, name = f"{config.loss}/{layer}", f"the loss of {layer}'s decoder"
    latents = frozen_latents(encoder, words_train.samples, layer, device)  # (N, L, C)
    samples = words_train.samples.shape[1]
    decoder = build_decoder(
        model, modules[config.module].stop, samples, seed_for(seed, "decoder", layer)
    ).to(device)
    loss_of = DECODER_LOSSES[config.loss]
    optimizer = torch.optim.Adam(decoder.parameters(), lr=config.learning_rate, fused=True)
    order = torch.Generator().manual_seed(seed_for(seed, "decoder_order", layer))
    for epoch in range(1, config.epochs + 1):
        total = 0.0
        batches = torch.split(torch.randperm(len(latents), generator=order), config.batch_size)
        for step, batch in enumerate(batches, start=1):
            target = _waveforms(words_train.samples[batch.numpy()]).to(device)  # (B, 1, T)
            loss = loss_of(target, decoder(latents[batch].to(device).transpose(1, 2)))
            value = float(loss.detach())
            if not math.isfinite(value):
                raise Diverged(f"{name} became {value} in epoch {epoch}, step {step}")
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            total += value * len(batch)
        report(epoch, {f"decoder_loss_train/{place}": total / len(latents)})
    return _score(decoder.eval(), encoder, words_test, config, device)


def _score(
    decoder: Decoder,
    encoder: Encoder,
    words: Clips,
    config: DecoderConfig,
    device: torch.device | str,
) -> DecoderFit:
    layer = f"module_{config.module}"
    latents = frozen_latents(encoder, words.samples, layer, device)  # (N, L, C)
    targets = _waveforms(words.samples)  # (N, 1, T)
    decoded = decode(decoder, latents, batch_size=config.batch_size, device=device)
    loss = float(DECODER_LOSSES[config.loss](targets, decoded))
    if not math.isfinite(loss):
        raise Diverged(f"the loss of {layer}'s decoder became {loss} on the test split")
    place = f"{config.loss}/{layer}"
    metrics = {
        f"decoder_loss/{place}": loss,
        f"decoder_mse/{place}": float(mse(targets, decoded)),
        f"decoder_mse_silence/{place}": float(mse(targets, torch.zeros_like(targets))),
    }
    count = min(config.sounds, len(targets))
    shown = np.linspace(0, len(targets) - 1, count).round().astype(int)  # spread over the split
    return DecoderFit(
        decoder,
        metrics,
        tuple(words.ids[index] for index in shown),
        targets[shown, 0].numpy(),
        decoded[shown, 0].numpy(),
    )


def _waveforms(samples: Samples) -> torch.Tensor:
    """Return int16 samples (clip, sample) as floats (clip, 1, sample) in [-1, 1)."""
    return to_float(samples[:]).unsqueeze(1)
