"""Section `parts`: where our step's time goes, by kind of operator, in percent of the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from torch.profiler import profile

from benchmarks.measurement import Measurement
from benchmarks.step import CHANNELS, METHODS, PRECISIONS, config_of, our_step

KINDS = {
    "large products": ("convolution", "mm", "addmm"),
    "small products": ("bmm",),
    "gather and put back": ("index_select", "index_copy_"),
    "noise, permutations": ("normal_", "randperm"),
    "copies and fills": ("copy_", "fill_", "zero_", "cat", "constant_pad_nd"),
}
"""Operators by kind, by a part of their names; convolutions include all products with weights."""
REST = "elementwise, dispatch, Adam"
STEPS = 3


def measure(quick: bool) -> Iterator[Measurement]:
    """Yield the share of each kind at every size; each share is of the sum over operators."""
    for channels in CHANNELS[:1] if quick else CHANNELS:
        for method in METHODS[:1]:
            for precision in PRECISIONS:
                case = f"{method}, {channels} channels, {precision}"
                act = our_step(config_of(method, channels, precision))
                act()
                with profile() as profiler:
                    for _ in range(1 if quick else STEPS):
                        act()
                shares: Counter[str] = Counter()
                for event in profiler.key_averages():
                    shares[_kind(event.key)] += event.self_cpu_time_total
                whole = sum(shares.values())
                for kind in (*KINDS, REST):
                    yield Measurement("parts", case, kind, 100 * shares[kind] / whole, "%")


def _kind(operator: str) -> str:
    name = operator.removeprefix("aten::")
    for kind, parts in KINDS.items():
        if name in parts or ("convolution" in name and "convolution" in parts):
            return kind
    return REST
