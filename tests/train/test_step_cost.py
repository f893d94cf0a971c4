"""What a step costs, in counts that no busy machine can change."""

from collections import Counter

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.reference_step import reference_step
from benchmarks.step import peak_bytes
from sim_study.config.model import ModelConfig
from sim_study.config.objective import ObjectiveConfig
from sim_study.config.train import OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig
from sim_study.model.encoder import build_encoder
from sim_study.model.geometry import module_frames
from sim_study.model.operations import step_operations
from sim_study.train.state import make_optimizers
from sim_study.train.step import train_step
from sim_study.train.streams import ModuleStreams

BATCH, SAMPLES, CHANNELS = 4, 10_240, 8


def configuration(method, channels=CHANNELS):
    return EncoderConfig(
        method=method,
        model=ModelConfig(channels=channels, context_channels=channels // 2),
        objective=ObjectiveConfig(),
        train=TrainConfig(),
        online_probe=OnlineProbeConfig(),
    )


def step_of(config, batch=BATCH):
    encoder = build_encoder(config, 0)
    optimizers = make_optimizers(encoder, 1e-3)
    draws = {layer: ModuleStreams(0, layer, 1, "cpu") for layer in encoder.layer_names}
    audio = torch.randn(batch, 1, SAMPLES, generator=torch.Generator().manual_seed(0))
    return lambda: train_step(encoder, audio, optimizers, draws)


class Counted(TorchDispatchMode):
    """Counts operators, the numbers that come out of them, and what is read back."""

    def __init__(self):
        super().__init__()
        self.calls, self.numbers = Counter(), Counter()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        name = str(func).split(".")[1]
        self.calls[name] += 1
        if isinstance(result, torch.Tensor):
            self.numbers[name] += result.numel()
        return result


@pytest.fixture(params=["gim", "sim"])
def config(request):
    return configuration(request.param)


def windows(config):
    frames = module_frames(config.model, SAMPLES)
    return {layer: (n, min(n, config.objective.window_frames)) for layer, n in frames.items()}


def test_every_negative_is_gathered_once_for_all_steps_ahead(config):
    step = step_of(config)
    with Counted() as counted:
        step()
    K, J = config.objective.prediction_steps, config.objective.negatives
    expected = 0
    for layer, (_, window) in windows(config).items():
        rows = BATCH * (window - 1)
        gathered = J * CHANNELS + K * CHANNELS + K  # negatives, predictions, positive scores
        accumulated = J * CHANNELS if layer != "context" else 0  # gradients of the negatives
        expected += rows * (gathered + accumulated)
    assert counted.numbers["index_select"] == expected


def test_normal_noise_is_drawn_for_the_window_and_the_latents_and_not_for_gim(config):
    step = step_of(config)
    with Counted() as counted:
        step()
    frames = [lengths for layer, lengths in windows(config).items() if layer != "context"]
    expected = sum(n + window for n, window in frames) * BATCH * CHANNELS
    assert counted.numbers["normal_"] == (expected if config.method == "sim" else 0)


def test_the_first_layer_runs_twice_and_every_other_once(config):
    step = step_of(config)
    with Counted() as counted:
        step()
    heads = 2 if config.method == "sim" else 1
    predictions = len(windows(config))
    assert counted.calls["convolution"] == 1 + 5 + 3 * heads + predictions


def test_no_product_is_taken_that_the_count_of_operations_does_not_know(config):
    step = step_of(config)
    with FlopCounterMode(display=False) as counter:
        step()
    # Rows without a frame to predict ride along; positives are no product; a layer is remade.
    known = step_operations(config, SAMPLES, BATCH).total
    assert known <= counter.get_total_flops() < 1.2 * known


@pytest.mark.parametrize("method", ["gim", "sim"])
def test_peak_memory_is_at_most_a_third_of_the_reference_s(method):
    config = configuration(method, channels=32)
    encoder = build_encoder(config, 0)
    optimizer = torch.optim.Adam(encoder.parameters(), lr=1e-3)
    draws = {layer: ModuleStreams(0, layer, 1, "cpu") for layer in encoder.layer_names}
    audio = torch.randn(64, 1, SAMPLES, generator=torch.Generator().manual_seed(0))
    ours, reference = step_of(config, 64), lambda: reference_step(encoder, audio, optimizer, draws)
    ours(), reference()
    assert peak_bytes(ours) <= peak_bytes(reference) / 3
