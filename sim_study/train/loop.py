"""The training loop: batch, loss, backward, step, report, save."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import torch

from sim_study.config.lengths import check_lengths
from sim_study.config.trial import EncoderConfig
from sim_study.model.encoder import Encoder
from sim_study.train.batches import epoch_batches, resident, to_audio
from sim_study.train.divergence import StepMeans, check_weights
from sim_study.train.examples import Examples
from sim_study.train.state import TrainState, capture, make_optimizers, restore
from sim_study.train.step import train_step
from sim_study.train.streams import ModuleStreams

Metrics = dict[str, float]


def train(
    encoder: Encoder,
    examples: Examples,
    config: EncoderConfig,
    seed: int,
    *,
    report: Callable[[int, Metrics], None],
    save: Callable[[TrainState, Metrics], None],
    probe: Callable[[Encoder], Metrics],
    resume: TrainState | None = None,
    device: torch.device | str = "cpu",
    clock: Callable[[], float] = time.perf_counter,
) -> None:
    """Train `encoder` in place; a pure function of its arguments, but for the clock.

    Epoch 0 is the encoder before the first update: it is probed and reported. Afterwards every
    epoch is reported with means over its steps; every `online_probe.every_epochs` epochs and
    after the last one the encoder is also probed and saved. An untrained encoder (method random)
    has epoch 0 only.

    Args:
        encoder: From `build_encoder` with the same configuration and seed.
        examples: What it learns from: see `examples_of`.
        config: The encoder's configuration.
        seed: The trial's seed.
        report: Gets the epoch and its metrics, keyed quantity/layer.
        save: Gets the state at the end of an epoch and that epoch's metrics.
        probe: Returns metrics of the encoder, which is in evaluation mode meanwhile.
        resume: A saved state to go on from; the rest of the curve is as if never interrupted.
        device: Where to train.
        clock: Seconds, from any origin.

    Raises:
        UserError: When the clips are too short for the configuration.
        Diverged: When a loss, or after an epoch a weight, is NaN or infinite.
    """
    check_lengths(examples.shortest_samples, config, "training clips")
    epochs = config.epochs
    device = torch.device(device)
    if device.type == "cuda":  # TF32 products: three decimal digits, several times the speed
        torch.set_float32_matmul_precision("high")
    examples = replace(examples, samples=resident(examples.samples, device))
    encoder.to(device)
    optimizers = make_optimizers(encoder, config.train.learning_rate)
    if resume is None:
        metrics = _probe(encoder, probe)
        report(0, metrics)
        if epochs == 0:
            save(capture(encoder, optimizers, 0), metrics)
    else:
        restore(encoder, optimizers, resume)

    for epoch in range(resume.epoch + 1 if resume else 1, epochs + 1):
        learning_rate = config.train.learning_rate * config.train.learning_rate_decay ** (epoch - 1)
        for optimizer in optimizers.values():
            optimizer.param_groups[0]["lr"] = learning_rate
        draws = {layer: ModuleStreams(seed, layer, epoch, device) for layer in encoder.layer_names}
        means = StepMeans(epoch)
        began = clock()
        for batch in epoch_batches(examples, config.train, seed, epoch):
            audio = to_audio(batch.samples, device)
            labels = None if batch.labels is None else torch.from_numpy(batch.labels).to(device)
            means.add(train_step(encoder, audio, optimizers, draws, labels))
        metrics = means.close()
        check_weights(encoder, epoch)

        metrics["learning_rate/encoder"] = learning_rate
        metrics["seconds_per_step/encoder"] = (clock() - began) / means.steps
        due = epoch % config.online_probe.every_epochs == 0 or epoch == epochs
        if due:
            metrics |= _probe(encoder, probe)
        report(epoch, metrics)
        if due:
            save(capture(encoder, optimizers, epoch), metrics)


def _probe(encoder: Encoder, probe: Callable[[Encoder], Metrics]) -> Metrics:
    encoder.eval()
    metrics = dict(probe(encoder))
    encoder.train()
    return metrics
