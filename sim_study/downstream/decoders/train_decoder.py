"""Training a decoder on one module's frozen latents."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch

from sim_study.config.decoder import DecoderConfig
from sim_study.config.geometry import module_layers
from sim_study.config.identity import seed_for
from sim_study.data.audio import to_float
from sim_study.data.clips import Clips, Split
from sim_study.data.recordings import Samples
from sim_study.downstream.codes.frames import draw_rows
from sim_study.downstream.codes.latents import ROOM_BYTES, Draws, LatentStore
from sim_study.downstream.codes.standardise import Moments, RunningMoments
from sim_study.downstream.decoders.decoder import Decoder, build_decoder
from sim_study.downstream.decoders.losses import DECODER_LOSSES, FEWEST_SAMPLES, mse
from sim_study.errors import Problem, UserError
from sim_study.model.encoder import Encoder
from sim_study.train.divergence import Diverged

Report = Callable[[int, dict[str, float]], None]

SCALED_CLIPS = 512
"""A channel's scale is known well enough from so many clips' frames."""


@dataclass(frozen=True)
class DecoderFit:
    """A trained decoder and its errors.

    Args:
        decoder: In evaluation mode.
        metrics: On the test split: `decoder_loss/<loss>/module_m` (the loss it was trained on),
            `decoder_mse/<loss>/module_m`, and both of answering silence:
            `decoder_loss_silence/<loss>/module_m`, which a decoder that has learnt anything stays
            below, and `decoder_mse_silence/<loss>/module_m`, which one may exceed whose loss
            leaves phases free.
    """

    decoder: Decoder
    metrics: dict[str, float]


def train_decoder(
    encoder: Encoder,
    words_train: Clips,
    words_test: Clips,
    config: DecoderConfig,
    seed: int,
    *,
    report: Report,
    device: torch.device | str = "cpu",
    room_bytes: int = ROOM_BYTES,
) -> DecoderFit:
    """Train a decoder from frozen latents, which are computed once where they fit.

    They are posterior means or, if the configuration says so and the method samples, samples, as
    the reference's decoders read them: in training a new one of every clip in every epoch, so that
    clips are encoded once an epoch. The test split is decoded from one sample of each clip.

    Args:
        encoder: A frozen encoder.
        words_train: Training-split words.
        words_test: Test-split words, of the same length.
        config: Module, loss, training, and what is decoded.
        seed: Draws the initial weights, the order of clips, and samples of latents.
        report: Called after every epoch (counted from 1) with
            `decoder_loss_train/<loss>/module_m`, the mean training loss of the epoch.
        device: Where to encode and to train.
        room_bytes: The most that frozen latents may take; larger ones are computed anew for every
            batch, so that memory does not grow with the corpus.

    Raises:
        UserError: The encoder has no such module, or clips are too short for the loss.
        Diverged: The loss is NaN or infinite, on either split.
    """
    model = encoder.config.model
    samples = words_train.samples.shape[1]
    _check(config, len(module_layers(model)), samples)
    layer = f"module_{config.module}"
    place, name = f"{config.loss}/{layer}", f"the loss of {layer}'s decoder"
    latents = LatentStore(
        encoder, words_train.samples, layer, device, room_bytes, draws=clip_draws(config, seed)
    )
    decoder = build_decoder(
        model, module_layers(model)[config.module].stop, samples, seed_for(seed, "decoder", layer)
    ).to(device)
    if config.standardise:
        decoder.standardise(_moments(latents, config.batch_size))
    loss_of = DECODER_LOSSES[config.loss]
    optimizer = torch.optim.Adam(decoder.parameters(), lr=config.learning_rate, fused=True)
    order = torch.Generator().manual_seed(seed_for(seed, "decoder_order", layer))
    for epoch in range(1, config.epochs + 1):
        if epoch > 1:
            latents.draw_anew()
        total = 0.0
        batches = torch.split(torch.randperm(len(latents), generator=order), config.batch_size)
        for step, batch in enumerate(batches, start=1):
            target = _waveforms(words_train.samples, batch).to(device)  # (B, 1, T)
            loss = loss_of(target, decoder(latents[batch].transpose(1, 2)))
            value = float(loss.detach())
            if not math.isfinite(value):
                raise Diverged(f"{name} became {value} in epoch {epoch}, step {step}")
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            total += value * len(batch)
        report(epoch, {f"decoder_loss_train/{place}": total / len(latents)})
    decoder.eval()
    draws = clip_draws(config, seed, "test")
    tested = LatentStore(encoder, words_test.samples, layer, device, room_bytes, draws=draws)
    return DecoderFit(decoder, _scores(decoder, tested, words_test.samples, config, device))


def clip_draws(config: DecoderConfig, seed: int, split: Split = "train") -> Draws | None:
    """Return the draws of a split's latents that a decoder reads; None: it reads their means."""
    return Draws(seed, split) if config.latents == "samples" else None


def _moments(latents: LatentStore, batch_size: int) -> Moments:
    """Take every channel's mean and deviation over the frames of at most `SCALED_CLIPS` clips."""
    running = RunningMoments()
    rows = draw_rows(len(latents), SCALED_CLIPS, seed=0)
    for batch in torch.split(torch.from_numpy(rows), batch_size):
        running.add(latents[batch].flatten(0, 1).cpu().numpy())
    return running.moments


def _check(config: DecoderConfig, modules: int, samples: int) -> None:
    problems = []
    if config.module >= modules:
        law = f"must be below the encoder's {modules} modules"
        problems.append(Problem("decoder", law, "module", config.module))
    fewest = FEWEST_SAMPLES[config.loss]
    if samples < fewest:
        law = f"needs clips of at least {fewest} samples, these have {samples}"
        problems.append(Problem("decoder", law, "loss", config.loss))
    if problems:
        raise UserError(*problems)


def _scores(
    decoder: Decoder,
    latents: LatentStore,
    samples: Samples,
    config: DecoderConfig,
    device: torch.device | str,
) -> dict[str, float]:
    """Decode the test split a batch at a time: every loss is a mean over clips of equal length."""
    layer = f"module_{config.module}"
    distances = {"loss": DECODER_LOSSES[config.loss], "mse": mse}
    sums: dict[str, float] = {}
    with torch.no_grad():
        for rows in torch.split(torch.arange(len(latents)), config.batch_size):
            target = _waveforms(samples, rows).to(device)  # (B, 1, T)
            decoded = decoder(latents[rows].transpose(1, 2))  # (B, 1, T)
            answers = {"": decoded, "_silence": torch.zeros_like(target)}
            for name, distance in distances.items():
                for suffix, answer in answers.items():
                    key = f"decoder_{name}{suffix}/{config.loss}/{layer}"
                    value = len(rows) * float(distance(target, answer))
                    sums[key] = sums.get(key, 0.0) + value
    loss = sums[f"decoder_loss/{config.loss}/{layer}"] / len(latents)
    if not math.isfinite(loss):
        raise Diverged(f"the loss of {layer}'s decoder became {loss} on the test split")
    return {key: value / len(latents) for key, value in sums.items()}


def _waveforms(samples: Samples, rows: torch.Tensor) -> torch.Tensor:
    """Return int16 samples (clip, sample) of some rows as floats (row, 1, sample) in [-1, 1)."""
    return to_float(samples[rows.numpy()]).unsqueeze(1)
