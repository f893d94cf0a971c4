"""Section `step`: one training step against the reference's way and the machine's limit.

The limit is the step's products at the rate of a large matrix product of the same data type. Both
sides take turns. Peak memory is what a step allocates at most beyond what it finds, read from
PyTorch's allocator; it does not depend on the machine.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch.profiler import profile

from benchmarks.machine import product_flops
from benchmarks.measurement import Goal, Measurement, alternate
from benchmarks.reference_step import reference_step
from sim_study.config.method import Method
from sim_study.config.model import ModelConfig
from sim_study.config.train import ObjectiveConfig, OnlineProbeConfig, Precision, TrainConfig
from sim_study.config.trial import EncoderConfig
from sim_study.model.encoder import build_encoder
from sim_study.model.operations import step_operations
from sim_study.train.state import make_optimizers
from sim_study.train.step import train_step
from sim_study.train.streams import ModuleStreams

CLIP_SAMPLES = 10_240
BATCH_CLIPS = 64
CHANNELS = (32, 64, 128, 512)
LONG_CHANNELS = 512
PRECISIONS: tuple[Precision, ...] = ("fp32", "bf16")
METHODS: tuple[Method, ...] = ("sim", "gim")
LIMIT_GOAL = {(512, "fp32"): Goal("at most", 1.3)}
RATIO_GOALS = {
    (512, "fp32"): Goal("at least", 4),
    (512, "bf16"): Goal("at least", 7),
    (64, "fp32"): Goal("at least", 5),
}
MEMORY_GOAL = Goal("at most", 1 / 3)


def measure(quick: bool) -> Iterator[Measurement]:
    """Yield step time, reference, ratio, limit and memory of every size, method and precision."""
    rates = {"fp32": product_flops("float32"), "bf16": product_flops("bfloat16")}
    for precision, rate in rates.items():
        yield Measurement("step", f"matrix product, {precision}", "rate", rate / 1e9, "GFLOP/s")
    for method in METHODS[:1] if quick else METHODS:
        for channels in CHANNELS[:2] if quick else CHANNELS:
            yield from _size(method, channels, rates, repeats=2 if quick else None)


def _size(
    method: Method, channels: int, rates: dict[str, float], repeats: int | None
) -> Iterator[Measurement]:
    acts = {precision: our_step(config_of(method, channels, precision)) for precision in PRECISIONS}
    config = config_of(method, channels, "fp32")
    reference = plain_step(config)
    if repeats is None:
        repeats = 3 if channels == LONG_CHANNELS else 7
    *ours, plain = alternate([*acts.values(), reference], repeats)
    plain_bytes = peak_bytes(reference)
    operations = step_operations(config, CLIP_SAMPLES, BATCH_CLIPS).total
    for (precision, act), seconds in zip(acts.items(), ours, strict=True):
        limit = operations / rates[precision]
        key = (channels, precision)
        peak = peak_bytes(act)
        case = f"{method}, {channels} channels, {precision}"
        for quantity, value, unit, goal in (
            ("step", 1e3 * seconds, "ms", None),
            ("reference", 1e3 * plain, "ms", None),
            ("reference / step", plain / seconds, "x", RATIO_GOALS.get(key)),
            ("limit", 1e3 * limit, "ms", None),
            ("step / limit", seconds / limit, "x", LIMIT_GOAL.get(key)),
            ("peak", peak / 1e6, "MB", None),
            ("peak / reference's", peak / plain_bytes, "x", MEMORY_GOAL),
        ):
            yield Measurement("step", case, quantity, value, unit, goal)


def config_of(
    method: Method, channels: int, precision: Precision = "fp32", batch: int = BATCH_CLIPS
) -> EncoderConfig:
    """Return an encoder of this width, at the paper's other sizes, and its batch in clips."""
    return EncoderConfig(
        method=method,
        model=ModelConfig(channels=channels, context_channels=max(channels // 2, 1)),
        objective=ObjectiveConfig(kld_weight=0.01 * channels / 512),
        train=TrainConfig(batch_size=batch, precision=precision),
        online_probe=OnlineProbeConfig(),
    )


def our_step(config: EncoderConfig) -> Callable[[], object]:
    """Return a training step on noise that can be taken again and again."""
    encoder = build_encoder(config, seed=0)
    optimizers = make_optimizers(encoder, config.train.learning_rate)
    audio, draws = _audio(config), _draws(config)
    return lambda: train_step(encoder, audio, optimizers, draws)


def plain_step(config: EncoderConfig) -> Callable[[], object]:
    """Return the reference's step on the same noise."""
    encoder = build_encoder(config, seed=0)
    optimizer = torch.optim.Adam(encoder.parameters(), lr=config.train.learning_rate)
    audio, draws = _audio(config), _draws(config)
    return lambda: reference_step(encoder, audio, optimizer, draws)


def _draws(config: EncoderConfig) -> dict[str, ModuleStreams]:
    return {layer: ModuleStreams(0, layer, 1, "cpu") for layer in config.model.layer_names}


def _audio(config: EncoderConfig) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    shape = (config.train.batch_size, 1, CLIP_SAMPLES)
    return 0.1 * torch.randn(shape, generator=generator)  # (B, 1, T)


def peak_bytes(act: Callable[[], object]) -> int:
    """Return the most that `act`, which has run before, allocates beyond what it finds."""
    with profile(profile_memory=True) as profiler:
        act()
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace.json"
        profiler.export_chrome_trace(str(trace))
        events = json.loads(trace.read_text())["traceEvents"]
    changes = sorted(
        (event["ts"], event["args"]["Total Allocated"], event["args"]["Bytes"])
        for event in events
        if event.get("name") == "[memory]"
    )
    _, first_total, first_bytes = changes[0]
    return int(max(total for _, total, _ in changes) - (first_total - first_bytes))
