"""How long trials will take: as like trials took here, or else from counted operations.

Nothing is trained and PyTorch is not imported, so that an estimate is there at once.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from statistics import median

import numpy as np

from sim_study.config.decoder import DecoderConfig
from sim_study.config.geometry import FRAME_SAMPLES, layer_frames, module_layers
from sim_study.config.lengths import steps_per_epoch
from sim_study.config.probe import ProbeConfig
from sim_study.config.trial import STAGES, EncoderConfig, Stage, StageConfig, Trial
from sim_study.data.amounts import CorpusAmounts
from sim_study.data.utterances import PHONES
from sim_study.downstream.codes.frames import (
    KEPT_BYTES,
    MOST_CLIPS,
    PHONE_FRAMES,
    code_bytes,
)
from sim_study.ledger.ledger import Ledger
from sim_study.ledger.records import Result
from sim_study.model.operations import step_operations
from sim_study.space.batches import learnt
from sim_study.study.forecast.converged_work import converged_operations

Finished = tuple[Trial, Result]

BESIDES_STEPS_SECONDS: dict[Stage, float] = dict.fromkeys(STAGES, 1.0) | {
    "metrics": 3.0,
    "views": 10.0,
}
"""What a trial takes besides training steps (probes, features, files), in seconds: as seen at 32
channels on 480 words. Assumed for a stage that has not been seen at work yet."""

FINISHED_READ = 200
"""So many of a study's latest finished trials show how long others will take."""

PRODUCT_SIDE, PRODUCTS = 64, 128
"""Small products run on one core, as a trial's do, and stay in its cache."""

OPERATIONS_A_VALUE = 1000
"""What passing over one value of a conv layer's output costs in all (ReLU, noise, softmax, copies),
in operations of a product that take as long. Measured over gim and sim, 32 to 128 channels, batches
of 32 and 64 on x86-64: steps take 0.8 to 1.2 of the estimate."""

OPERATIONS_A_PLAIN_VALUE = 250
"""The same where there is neither noise nor a softmax: in decoders, and in encoders whose inner
layers have no loss of their own; measured at 32 channels. Scores of phones take 1.3 (gim)
to 1.8 times (sim) as much."""

TRAINED_PASSES = 3
"""A step's forward pass, and as much again for each of the gradients of weights and input."""


@dataclass(frozen=True)
class Estimate:
    """How long one trial will take.

    Args:
        seconds: Its time.
        seen: Whether like trials have taken that long here; otherwise it was calculated.
    """

    seconds: float
    seen: bool


class Estimator:
    """Estimates for the trials of one study.

    Args:
        finished: Trials that have finished here.
        amounts: What the training split holds.
        threads: Of a trial.
    """

    def __init__(self, finished: Sequence[Finished], amounts: CorpusAmounts, threads: int) -> None:
        self._amounts = amounts
        self._threads = threads
        self._units: dict[Hashable, list[float]] = {}
        for trial, result in finished:
            seconds = result.seconds / (epochs_of(trial.config) or 1)
            self._units.setdefault(likeness(trial.stage, trial.config), []).append(seconds)

    def encoder(self, config: EncoderConfig) -> Estimate:
        """Estimate a trial that trains or, untrained, only probes an encoder."""
        clips, samples = learnt(self._amounts, config)
        batch = min(config.train.batch_size, clips)
        step = step_operations(config, samples, batch).total
        each = OPERATIONS_A_PLAIN_VALUE if config.traits.end_to_end else OPERATIONS_A_VALUE
        step += each * batch * _values(config, samples, len(config.model.strides))
        operations = config.epochs * steps_per_epoch(clips, batch) * step
        online = config.online_probe
        if online.protocol == "converged":
            probed = self._amounts.labelled.clips * (1 - online.validation_fraction)
            times = 1 + config.epochs // online.every_epochs
            operations += times * converged_operations(
                config.model, online.pooling, min(round(probed), MOST_CLIPS), [online.target]
            )
        return self._like("encoder", config) or self._counted("encoder", operations)

    def decoder(self, encoder: EncoderConfig, config: DecoderConfig) -> Estimate:
        """Estimate a trial that trains a decoder, whose layers mirror those of an encoder."""
        clips, samples = self._amounts.decoder
        forward = _forward(encoder, samples, module_layers(encoder.model)[config.module].stop)
        learnt = config.epochs * clips * TRAINED_PASSES * forward
        mixed = _mixtures(config, encoder.model.channels) * forward
        return self._like("decoder", config) or self._counted("decoder", learnt + mixed)

    def probe(self, encoder: EncoderConfig, config: ProbeConfig) -> Estimate:
        """Estimate a trial that fits probes to an encoder.

        Encoding, converged probes and the paper's probes of phones count; the paper's of pooled
        codes are small enough to be among what a trial takes besides.
        """
        draws, layers = (2 if encoder.traits.samples else 1), len(encoder.model.strides)
        clips, samples = self._amounts.labelled
        operations = draws * clips * _forward(encoder, samples, layers)
        if (asked := config.robustness) is not None:
            conditions = 1 + len(asked.gain_db) + 2 * len(asked.snr_db)
            heard = conditions * min(asked.clips, clips)
            operations += heard * _forward(encoder, samples, layers)
        utterances = self._amounts.utterances
        if config.protocol != "paper_only":
            pooled = [target for target in config.targets if target != "phone"]
            operations += converged_operations(encoder.model, config.pooling, clips, pooled)
            operations += converged_operations(encoder.model, "mean", clips, pooled)
        if "phone" in config.targets and utterances is not None:
            frames = utterances.clips * (utterances.samples // FRAME_SAMPLES)
            if config.protocol != "paper_only":
                fitted = min(frames, PHONE_FRAMES)
                operations += 2 * converged_operations(encoder.model, "mean", fitted, ["phone"])
            forward = draws * utterances.clips * _forward(encoder, utterances.samples, layers)
            operations += forward  # once, by whichever protocol reads first
            if config.protocol != "converged":
                tried = len(config.phone.learning_rates)
                share = 1 - config.validation_fraction if tried else 0.0
                passes = config.phone.epochs * (1 + share * tried)
                operations += passes * frames * _phone_operations(encoder)
                if draws * code_bytes(encoder.model, frames) > KEPT_BYTES:
                    operations += (config.phone.epochs * (1 + share) - 1) * forward
        return self._like("probe", config) or self._counted("probe", operations)

    def trial(self, stage: Stage, config: StageConfig, encoder: EncoderConfig) -> Estimate:
        """Estimate a trial of any stage, of or on an encoder of this configuration."""
        if isinstance(config, EncoderConfig):
            return self.encoder(config)
        if isinstance(config, ProbeConfig):
            return self.probe(encoder, config)
        if isinstance(config, DecoderConfig):
            return self.decoder(encoder, config)
        return self.other(stage, config)

    def other(self, stage: Stage, config: StageConfig) -> Estimate:
        """Estimate a trial of a stage that fits little."""
        return self._like(stage, config) or self._counted(stage, 0)

    def _like(self, stage: Stage, config: StageConfig) -> Estimate | None:
        units = self._units.get(likeness(stage, config))
        return Estimate(median(units) * (epochs_of(config) or 1), seen=True) if units else None

    def _counted(self, stage: Stage, operations: float) -> Estimate:
        counted = operations / (core_rate() * self._threads) if operations else 0.0
        return Estimate(BESIDES_STEPS_SECONDS[stage] + counted, seen=False)


def finished_trials(ledger: Ledger, study: str) -> list[Finished]:
    """Return the latest trials of a study that have finished, also of its earlier versions."""
    folders = (ledger.folder(m.trial_id) for m in reversed(ledger.study(study).members()))
    ended = ((folder, result) for folder in folders if (result := folder.result()) is not None)
    finished = ((folder.trial(), result) for folder, result in ended if result.status == "finished")
    return list(islice(finished, FINISHED_READ))


@cache
def core_rate() -> float:
    """Return the floating-point operations a second of small products on one core, now."""
    rng = np.random.default_rng(0)
    shape = (PRODUCTS, PRODUCT_SIDE, PRODUCT_SIDE)
    a, b = (rng.standard_normal(shape, dtype=np.float32) for _ in range(2))
    out = np.empty_like(a)
    best = float("inf")
    for _ in range(20):
        began = time.perf_counter()
        np.matmul(a, b, out=out)
        best = min(best, time.perf_counter() - began)
    return 2 * PRODUCTS * PRODUCT_SIDE**3 / best


def _forward(config: EncoderConfig, samples: int, layers: int) -> float:
    """Operations that the first conv layers, or their mirror in a decoder, take for one clip."""
    model = config.model
    widths = [1] + [model.channels] * (layers - 1)
    shapes = zip(layer_frames(model, samples), model.kernel_sizes, widths, strict=False)
    products = sum(2 * n * kernel * width * model.channels for n, kernel, width in shapes)
    values = _values(config, samples, layers)
    return products + OPERATIONS_A_PLAIN_VALUE / TRAINED_PASSES * values


def _phone_operations(config: EncoderConfig) -> float:
    """Operations that a training pass of the phone probes takes a frame, of both protocols."""
    model, modules = config.model, len(module_layers(config.model))
    products = 4 * (model.channels * modules + model.context_channels)  # scores, and the gradient
    return 2.0 * PHONES * (products + OPERATIONS_A_PLAIN_VALUE * (modules + 1))


def _values(config: EncoderConfig, samples: int, layers: int) -> int:
    """Values that the first conv layers put out for one clip."""
    return config.model.channels * sum(layer_frames(config.model, samples)[:layers])


def _mixtures(config: DecoderConfig, channels: int) -> int:
    """Mixtures that the contribution score decodes: of 2, 4, 8 ... but not all dimensions."""
    clips = config.contribution_clips
    partners = min(config.contribution_partners, max(clips - 1, 0))
    return clips * partners * ((channels - 1).bit_length() - 1)


def epochs_of(config: StageConfig) -> int:
    """Return how many epochs a stage trains for; 0 when it has none."""
    return config.epochs if isinstance(config, EncoderConfig | DecoderConfig) else 0


def likeness(stage: Stage, config: StageConfig) -> Hashable:
    """What an epoch's time depends on: shapes and sampling, not weights, rates or epochs."""
    if isinstance(config, EncoderConfig):
        train, objective = config.train, config.canonical().objective
        drawn = objective.prediction_steps, objective.negatives, objective.window_frames
        target = objective.supervised_target
        batches = train.batch_size, train.crop_samples, train.precision
        shapes = config.canonical().model, *drawn, target, *batches
        return stage, config.method, epochs_of(config) > 0, config.online_probe, *shapes
    if isinstance(config, ProbeConfig):
        return stage, config
    if isinstance(config, DecoderConfig):
        mixed = config.contribution_clips, config.contribution_partners
        return stage, config.module, config.loss, config.batch_size, *mixed
    return stage
