"""python -m benchmarks.step_speed: whole training steps against a plain reference, in one run.

Both sides run the project's own step; the plain side computes InfoNCE as it is usually written,
with every step's negatives copied out, and lets autograd find the gradients. Beside them stands
the limit: the step's multiplications and additions at the rate of a large matrix product.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from unittest.mock import patch

import torch
from torch import Tensor
from torch.nn.functional import log_softmax

from sim_study.config.model import ModelConfig
from sim_study.config.objective import ObjectiveConfig
from sim_study.config.train import OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig, Method
from sim_study.model.encoder import build_encoder
from sim_study.model.geometry import layer_frames, module_frames
from sim_study.train import step as step_module
from sim_study.train.state import make_optimizers
from sim_study.train.streams import ModuleStreams

CLIP_SAMPLES = 10_240
PRODUCT_SIDE = 1024
"""Side of the square float32 matrices whose product tells the machine's rate."""


def plain_info_nce(
    context: Tensor, latents: Tensor, predictor: Tensor, permutations: Tensor, begin: int
) -> Tensor:
    """The definition, step by step; arguments as those of `info_nce`."""
    window = latents[:, begin : begin + context.shape[1]]  # (B, W, C)
    flat = latents.flatten(0, 1)  # (B * L, C)
    losses = []
    for k, weight in enumerate(torch.split(predictor, latents.shape[2]), start=1):
        predictions = (context[:, :-k] @ weight.T).flatten(0, 1)  # (N, C)
        positives = window[:, k:].flatten(0, 1)  # (N, C)
        negatives = torch.stack([flat[draw[-len(predictions) :]] for draw in permutations], 1)
        candidates = torch.cat([positives.unsqueeze(1), negatives], dim=1)  # (N, 1 + J, C)
        scores = (candidates @ predictions.unsqueeze(2)).squeeze(2)  # (N, 1 + J)
        losses.append(-log_softmax(scores, dim=1)[:, 0].mean())
    return torch.stack(losses).mean()


def step_flop(config: EncoderConfig, batch: int) -> float:
    """Return the floating-point operations of one step's products; backward costs two forwards."""
    model, objective = config.model, config.objective
    C, D = model.channels, model.context_channels
    forward = 0.0
    width = 1
    for frames, kernel in zip(layer_frames(model, CLIP_SAMPLES), model.kernel_sizes, strict=True):
        forward += batch * frames * kernel * width * C
        width = C
    for layer, frames in module_frames(model, CLIP_SAMPLES).items():
        is_context = layer == "context"
        heads = 2 if config.method == "sim" else 1
        gru = 3 * (C + D) * D
        forward += batch * frames * (gru if is_context else heads * C * C)
        window = min(frames, objective.window_frames)
        rows = sum(batch * (window - k) for k in range(1, objective.prediction_steps + 1))
        forward += rows * C * ((D if is_context else C) + 1 + objective.negatives)
    return 2 * 3 * forward


def best_seconds(acts: Sequence[Callable[[], object]], repeats: int) -> list[float]:
    """Return each act's shortest of `repeats` timings; they take turns, so load hits all alike."""
    for act in acts:
        act()  # warms up
    best = [float("inf")] * len(acts)
    for _ in range(repeats):
        for index, act in enumerate(acts):
            began = time.perf_counter()
            act()
            best[index] = min(best[index], time.perf_counter() - began)
    return best


def time_step(method: Method, channels: int, batch: int, repeats: int) -> str:
    """Time both sides and return a line of the table."""
    config = EncoderConfig(
        method=method,
        model=ModelConfig(channels=channels, context_channels=channels // 2),
        objective=ObjectiveConfig(kld_weight=0.01 * channels / 512),
        train=TrainConfig(batch_size=batch),
        online_probe=OnlineProbeConfig(),
    )
    encoder = build_encoder(config, seed=0)
    optimizers = make_optimizers(encoder, config.train.learning_rate)
    draws = {layer: ModuleStreams(0, layer, 1, "cpu") for layer in encoder.layer_names}
    audio = 0.1 * torch.randn(batch, 1, CLIP_SAMPLES)  # (B, 1, T)

    matrix = torch.randn(PRODUCT_SIDE, PRODUCT_SIDE)

    def run() -> None:
        step_module.train_step(encoder, audio, optimizers, draws)

    def run_plain() -> None:
        with patch.object(step_module, "info_nce", plain_info_nce):
            run()

    ours, plain, product = best_seconds([run, run_plain, lambda: matrix @ matrix], repeats)
    limit = step_flop(config, batch) * product / (2 * PRODUCT_SIDE**3)
    return (
        f"{method:<6} {channels:>8} {1e3 * ours:>8.0f} {1e3 * plain:>9.0f} "
        f"{plain / ours:>11.1f} {1e3 * limit:>9.0f} {ours / limit:>11.1f}"
    )


def main() -> None:
    """Print milliseconds a step, ours, plain and the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--batch", type=int, default=64, help="clips a step")
    parser.add_argument("--repeats", type=int, default=5, help="timings; the shortest counts")
    parser.add_argument("--channels", type=int, nargs="+", default=[32, 64])
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"{options.threads} threads, batch {options.batch}")
    print("method channels  ours ms  plain ms  plain/ours  limit ms  ours/limit")
    for method in ("sim", "gim"):
        for channels in options.channels:
            print(time_step(method, channels, options.batch, options.repeats), flush=True)


if __name__ == "__main__":
    main()
