"""Replay of golden training steps: the production step, fed with recorded draws.

Keys are those of the reference code: `fullmodel.M.encoder.encoder.L.0.weight` is conv layer L of
module M, `fullmodel.M.loss.predictor.weight` its predictor, `encoder_mu` and `encoder_var` its
heads; the GRU is the last module, or for cpc a part of the only one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from sim_study.config.method import TRAITS, Method
from sim_study.config.model import ModelConfig
from sim_study.config.train import ObjectiveConfig, OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig
from sim_study.model.encoder import Encoder
from sim_study.train.state import make_optimizers
from sim_study.train.step import train_step
from sim_study.verify.section import Arrays, Section, compare, under

METHODS: tuple[Method, ...] = ("sim", "gim", "cpc")
KLD_WEIGHT = 0.01
LEARNING_RATE = 2e-4
"""Settings of the recorded steps that the file does not hold."""


def sections(arrays: Arrays, device: str = "cpu") -> list[Section]:
    """Compare every recorded training with ours, in float64.

    Args:
        arrays: A golden file's arrays by key.
        device: Where the steps are taken.

    Returns:
        Four sections for each method found: forward, steps, grad0, final.
    """
    recorded = (method for method in METHODS if f"{method}/loss" in arrays)
    return [section for method in recorded for section in _replay(method, arrays, device)]


def _replay(method: Method, arrays: Arrays, device: str) -> list[Section]:
    initial = under(f"{method}/init/", arrays)
    steps = len(arrays[f"{method}/loss"])
    encoder = Encoder(_configuration(method, arrays)).to(torch.float64)
    names = _reference_names(encoder)
    encoder.load_state_dict({names[key]: torch.from_numpy(v) for key, v in initial.items()})
    encoder.to(device)
    audio = torch.from_numpy(arrays["audio"]).to(device, torch.float64)
    batches = audio.chunk(steps)  # each (B, 1, T)

    forward = _forward(encoder, batches[0])
    optimizers = make_optimizers(encoder, LEARNING_RATE)
    curves: dict[str, list[list[float]]] = {"loss": [], "nce": [], "kld": []}
    gradients: dict[str, np.ndarray] = {}
    for step, batch in enumerate(batches):
        draws = _recorded_draws(encoder, under(f"{method}/step{step}/", arrays))
        terms = train_step(encoder, batch, optimizers, draws)
        for curve, quantity in (("loss", "loss"), ("nce", "nce"), ("kld", "kl")):
            values = (terms.get(f"{quantity}/{layer}") for layer in _losses(encoder))
            curves[curve].append([0.0 if value is None else value.item() for value in values])
        if step == 0:
            gradients = _gradients(encoder)

    ours = {key: encoder.state_dict()[name].cpu().numpy() for key, name in names.items()}
    found = {curve: np.array(values) for curve, values in curves.items()}
    recorded_curves = {curve: arrays[f"{method}/{curve}"] for curve in curves}
    return [
        compare(f"{method}/forward", forward, under(f"{method}/forward/", arrays)),
        compare(f"{method}/steps", found, recorded_curves),
        compare(f"{method}/grad0", gradients, under(f"{method}/grad0/", arrays)),
        compare(f"{method}/final", ours, under(f"{method}/final/", arrays)),
    ]


def _losses(encoder: Encoder) -> tuple[str, ...]:
    """Names of the layers that have a loss, in order."""
    return ("context",) if encoder.config.traits.end_to_end else encoder.layer_names


def _configuration(method: Method, arrays: Arrays) -> EncoderConfig:
    """Read the encoder's sizes from the shapes of its recorded weights."""
    initial = under(f"{method}/init/", arrays)
    conv = re.compile(r"fullmodel\.(\d+)\.encoder\.encoder\.\d+\.0\.weight")
    modules = [int(match[1]) for key in initial if (match := conv.fullmatch(key))]
    split = tuple(modules.count(module) for module in sorted(set(modules)))
    channels = len(initial["fullmodel.0.encoder.encoder_mu.bias"])
    last = 0 if TRAITS[method].end_to_end else len(split)
    predictor = initial[f"fullmodel.{last}.loss.predictor.weight"]  # (K * C, D)
    draws = [key for key in under(f"{method}/step0/", arrays) if key.startswith("perm")]
    return EncoderConfig(
        method=method,
        model=ModelConfig(split=split, channels=channels, context_channels=predictor.shape[1]),
        objective=ObjectiveConfig(
            prediction_steps=len(predictor) // channels,
            negatives=len(draws) // (last + 1),
            kld_weight=KLD_WEIGHT,
        ),
        train=TrainConfig(learning_rate=LEARNING_RATE),
        online_probe=OnlineProbeConfig(),
    )


def _reference_names(encoder: Encoder) -> dict[str, str]:
    """Return the reference's name of every parameter, mapped to ours."""
    last = 0 if encoder.config.traits.end_to_end else len(encoder.conv_modules)
    patterns = (
        (r"conv_modules\.(\d+)\.layers\.", r"fullmodel.\1.encoder.encoder."),
        (r"conv_modules\.(\d+)\.mu\.", r"fullmodel.\1.encoder.encoder_mu."),
        (r"conv_modules\.(\d+)\.log_var\.", r"fullmodel.\1.encoder.encoder_var."),
        (r"conv_modules\.(\d+)\.predictor\.", r"fullmodel.\1.loss.predictor."),
        (r"context\.gru\.", f"fullmodel.{last}.autoregressor.gru."),
        (r"context\.predictor\.", f"fullmodel.{last}.loss.predictor."),
    )
    names = {}
    for ours, _ in encoder.named_parameters():
        theirs = ours
        for pattern, replacement in patterns:
            theirs = re.sub(f"^{pattern}", replacement, theirs)
        names[theirs] = ours
    return names


def _gradients(encoder: Encoder) -> dict[str, np.ndarray]:
    parameters = dict(encoder.named_parameters())
    gradients = {key: parameters[name].grad for key, name in _reference_names(encoder).items()}
    return {key: grad.cpu().numpy() for key, grad in gradients.items() if grad is not None}


@torch.no_grad()
def _forward(encoder: Encoder, audio: Tensor) -> dict[str, np.ndarray]:
    """Deterministic posteriors (batch, channel, frame) and context (batch, frame, channel).

    Of cpc, the latents that are predicted (batch, frame, channel) instead of posteriors.
    """
    latents = encoder.encode(audio)
    found = {"context": latents["context"].cpu().numpy()}
    if encoder.config.traits.end_to_end:
        return {**found, "z": latents["module_0"].cpu().numpy()}
    for module, (mu, log_var) in enumerate(encoder.posteriors(audio).values()):
        found[f"mu{module}"] = mu.transpose(1, 2).cpu().numpy()
        found[f"log_var{module}"] = log_var.transpose(1, 2).cpu().numpy()
    return found


class _Recorded:
    """One module's recorded draws, handed out in order of use."""

    def __init__(
        self, permutations: Tensor, noises: Iterator[np.ndarray], begins: Iterator[int]
    ) -> None:
        self._permutations, self._noises, self._begins = permutations, noises, begins

    def noise(self, like: Tensor, window: slice) -> Tensor:
        noise = torch.from_numpy(next(self._noises))  # (B, L, C)
        return noise[:, window].to(like)

    def begin(self, frames: int, window_frames: int) -> int:
        return next(self._begins)

    def permutations(self, count: int, size: int) -> Tensor:
        return self._permutations


def _recorded_draws(encoder: Encoder, step: Arrays) -> dict[str, _Recorded]:
    """Deal one step's draws out to the modules, which share noises and window starts in order."""
    count = encoder.config.objective.negatives
    noises = iter([step[f"eps{i}"] for i in range(sum(key.startswith("eps") for key in step))])
    begins = iter(int(begin) for begin in step["begin"])
    draws = {}
    for module, layer in enumerate(_losses(encoder)):
        rows = [step[f"perm{module * count + i}"].astype(np.int64) for i in range(count)]
        permutations = torch.from_numpy(np.stack(rows)).to(next(encoder.parameters()).device)
        draws[layer] = _Recorded(permutations, noises, begins)
    return draws
