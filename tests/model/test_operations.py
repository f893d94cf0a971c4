"""The count of a step's operations is what PyTorch's own counter sees in a plain step."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from sim_study.config.geometry import module_layers
from sim_study.config.method import Method
from sim_study.config.model import ModelConfig
from sim_study.config.train import ObjectiveConfig, OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig
from sim_study.model.operations import step_operations

SAMPLES = 1600
BATCH = 3


def _config(method: Method, modules: int, channels: int = 6) -> EncoderConfig:
    return EncoderConfig(
        method=method,
        model=ModelConfig(channels=channels, context_channels=5, modules=modules),
        objective=ObjectiveConfig(prediction_steps=3, negatives=4, window_frames=20),
        train=TrainConfig(),
        online_probe=OnlineProbeConfig(),
    )


def _rows(x: Tensor) -> Tensor:
    """(batch, frame, channel) as rows, so that a product is counted as one of matrices."""
    return x.reshape(-1, x.shape[2])


def _plain_nce(context: Tensor, latents: Tensor, objective: ObjectiveConfig) -> Tensor:
    """Something that needs all scores, each candidate's product written out."""
    channels = latents.shape[2]
    window = context[:, : objective.window_frames]
    flat = _rows(latents)
    loss = torch.zeros(())
    for ahead in range(1, objective.prediction_steps + 1):
        predicted = nn.Linear(context.shape[2], channels, bias=False)(_rows(window[:, :-ahead]))
        draws = torch.randint(len(flat), (len(predicted), 1 + objective.negatives))
        loss = loss + torch.bmm(flat[draws], predicted.unsqueeze(2)).square().sum()
    return loss


def _plain_step(config: EncoderConfig) -> None:
    """All products of a step, each written once, with PyTorch's own layers and gradients."""
    model, channels = config.model, config.model.channels
    greedy = not config.traits.end_to_end
    x = torch.randn(BATCH, 1, SAMPLES)  # (B, 1, T)
    for layers in module_layers(model):
        for layer in layers:
            shape = model.kernel_sizes[layer], model.strides[layer], model.paddings[layer]
            x = nn.Conv1d(x.shape[1], channels, *shape)(x)  # (B, C, L)
        features = _rows(x.transpose(1, 2))
        z = nn.Linear(channels, channels)(features).view(BATCH, -1, channels)  # (B, L, C)
        if config.method == "sim":
            z = z + nn.Linear(channels, channels)(features).view_as(z)
        if greedy:
            _plain_nce(z, z, config.objective).backward()
            z = z.detach()
        x = z.transpose(1, 2)  # (B, C, L)
    latents = x.transpose(1, 2)  # (B, L, C)
    context = nn.GRU(channels, model.context_channels, batch_first=True)(latents)[0]
    if config.method == "supervised":
        context.square().sum().backward()  # the head is not counted
    else:
        _plain_nce(context, latents, config.objective).backward()


@pytest.mark.parametrize("method", ["gim", "sim", "cpc", "supervised"])
@pytest.mark.parametrize("modules", [1, 3, 5])
def test_every_product_is_counted_once(method: Method, modules: int) -> None:
    config = _config(method, modules)
    counter = FlopCounterMode(display=False)
    with counter:
        _plain_step(config)
    seen: Counter[str] = Counter()
    for operator, flop in counter.get_flop_counts()["Global"].items():
        seen[str(operator).removeprefix("aten.").removesuffix("_backward")] += flop
    counted = step_operations(config, SAMPLES, BATCH)
    assert seen["convolution"] == counted.convolutions
    assert seen["bmm"] == counted.scores
    assert seen["mm"] + seen["addmm"] == counted.heads + counted.predictions + counted.recurrent
    assert sum(seen.values()) == counted.total


def test_a_small_case_by_hand() -> None:
    config = _config("gim", 3)
    recurrent = step_operations(config, SAMPLES, BATCH).recurrent
    # 1600 samples give 10 frames; three gates of 5 read 6 latents and 5 states
    assert recurrent == 2 * BATCH * 3 * 5 * (2 * 10 * 6 + 2 * 10 * 5 + 9 * 5)


def test_the_paper_s_step_is_about_a_trillion() -> None:
    config = EncoderConfig(
        method="sim",
        model=ModelConfig(),
        objective=ObjectiveConfig(),
        train=TrainConfig(),
        online_probe=OnlineProbeConfig(),
    )
    assert step_operations(config, 10_240, 64).total == pytest.approx(1.06e12, rel=0.1)
