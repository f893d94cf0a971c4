"""How long trials will take, from a few timed steps on noise of the right size."""

from __future__ import annotations

import time
from functools import cache

import numpy as np
import torch

from sim_study.config.downstream import DecoderConfig
from sim_study.config.train import TrainConfig
from sim_study.config.trial import EncoderConfig
from sim_study.data.audio import WORD_SAMPLES
from sim_study.data.clips import Clips
from sim_study.downstream.train_decoder import train_decoder
from sim_study.model.encoder import build_encoder
from sim_study.study.progress import BESIDES_STEPS_SECONDS
from sim_study.train.batches import steps_per_epoch
from sim_study.train.loop import train

TIMED_STEPS = 3


def encoder_seconds(config: EncoderConfig, clips: int, threads: int) -> float:
    """Estimate the time one encoder trial takes on this machine, in seconds.

    Args:
        config: The encoder.
        clips: Training clips.
        threads: Of torch.
    """
    train_config = config.train
    if config.method == "random" or train_config.epochs == 0:
        return BESIDES_STEPS_SECONDS["encoder"]
    batch = min(train_config.batch_size, clips)
    steps = train_config.epochs * steps_per_epoch(clips, batch)
    # What a step costs depends on the shapes and on whether it samples, not on weights or rates.
    shape = config.model_copy(
        update={
            "objective": config.objective.model_copy(update={"kld_weight": 1.0}),
            "train": TrainConfig(
                epochs=1, batch_size=batch, crop_samples=train_config.crop_samples
            ),
        }
    )
    return BESIDES_STEPS_SECONDS["encoder"] + steps * _step_seconds(shape, threads)


@cache
def _step_seconds(config: EncoderConfig, threads: int) -> float:
    torch.set_num_threads(threads)
    batch = config.train.batch_size
    encoder = build_encoder(config, seed=0)

    def run(steps: int) -> float:
        noise = _noise(steps * batch)
        started = time.perf_counter()
        train(
            encoder,
            noise,
            config,
            0,
            report=lambda step, metrics: None,
            save=lambda state, metrics: None,
            probe=lambda encoder: {},
        )
        return time.perf_counter() - started

    run(1)  # the first step also allocates
    return run(TIMED_STEPS) / TIMED_STEPS


def decoder_seconds(
    encoder_config: EncoderConfig, config: DecoderConfig, clips: int, threads: int
) -> float:
    """Estimate the time one decoder trial takes on this machine, in seconds."""
    torch.set_num_threads(threads)
    batch = min(config.batch_size, clips)
    encoder = build_encoder(encoder_config, seed=0)
    noise = _clips(_noise(batch))

    def run(epochs: int) -> float:
        started = time.perf_counter()
        short = config.model_copy(update={"epochs": epochs, "sounds": 0})
        train_decoder(encoder, noise, noise, short, 0, report=lambda step, metrics: None)
        return time.perf_counter() - started

    run(1)
    once, more = run(1), run(1 + TIMED_STEPS)
    step = max(0.0, more - once) / TIMED_STEPS
    return BESIDES_STEPS_SECONDS["decoder"] + step * config.epochs * -(-clips // batch)


def _noise(clips: int) -> np.ndarray:
    return np.random.default_rng(0).integers(-3000, 3000, (clips, WORD_SAMPLES), dtype=np.int16)


def _clips(samples: np.ndarray) -> Clips:
    names = [str(index) for index in range(len(samples))]
    return Clips(names, samples, {}, {}, {}, np.arange(len(samples)))
