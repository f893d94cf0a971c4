"""What a step costs, in counts that no busy machine can change."""

from collections import Counter

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.step import CLIP_SAMPLES, config_of, our_step, peak_bytes, plain_step
from sim_study.config.geometry import module_frames
from sim_study.model.operations import step_operations

BATCH, CHANNELS = 4, 8


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


@pytest.fixture(params=["gim", "sim", "cpc"])
def config(request):
    return config_of(request.param, CHANNELS, batch=BATCH)


def windows(config):
    """Frames and window of every layer that predicts."""
    frames = module_frames(config.model, CLIP_SAMPLES)
    if config.method == "cpc":
        frames = {"context": frames["context"]}
    return {layer: (n, min(n, config.objective.window_frames)) for layer, n in frames.items()}


def test_every_negative_is_gathered_once_for_all_steps_ahead(config):
    step = our_step(config)
    with Counted() as counted:
        step()
    K, J = config.objective.prediction_steps, config.objective.negatives
    expected = 0
    for layer, (_, window) in windows(config).items():
        rows = BATCH * (window - 1)
        gathered = J * CHANNELS + K * CHANNELS + K  # negatives, predictions, positive scores
        moved = layer != "context" or config.method == "cpc"
        accumulated = J * CHANNELS if moved else 0  # gradients of the negatives
        expected += rows * (gathered + accumulated)
    assert counted.numbers["index_select"] == expected


def test_normal_noise_is_drawn_for_the_window_and_the_latents_of_sim_alone(config):
    step = our_step(config)
    with Counted() as counted:
        step()
    frames = [lengths for layer, lengths in windows(config).items() if layer != "context"]
    expected = sum(n + window for n, window in frames) * BATCH * CHANNELS
    assert counted.numbers["normal_"] == (expected if config.method == "sim" else 0)


def test_the_first_layer_runs_twice_and_every_other_once(config):
    step = our_step(config)
    with Counted() as counted:
        step()
    heads = 2 if config.method == "sim" else 1
    predictions = len(windows(config))
    assert counted.calls["convolution"] == 1 + 5 + 3 * heads + predictions


def test_no_product_is_taken_that_the_count_of_operations_does_not_know(config):
    step = our_step(config)
    with FlopCounterMode(display=False) as counter:
        step()
    # Rows without a frame to predict ride along; positives are no product; a layer is remade.
    known = step_operations(config, CLIP_SAMPLES, BATCH).total
    assert known <= counter.get_total_flops() < 1.2 * known


# A CPC step of the reference has no negatives of module 0, so little is left to be saved.
@pytest.mark.parametrize(("method", "share"), [("gim", 1 / 3), ("sim", 1 / 3), ("cpc", 0.9)])
def test_peak_memory_is_at_most_a_share_of_the_reference_s(method, share):
    config = config_of(method, channels=32)
    ours, reference = our_step(config), plain_step(config)
    ours(), reference()
    assert peak_bytes(ours) <= share * peak_bytes(reference)
