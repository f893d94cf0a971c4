"""The machine: what it is, and how fast it multiplies and copies, measured now."""

from __future__ import annotations

import os
from functools import cache

from benchmarks.measurement import seconds_of
from sim_study.ledger.machine import processor_name


@cache
def describe() -> str:
    """Return processor, cores and versions in words."""
    import torch

    return (
        f"{processor_name()}, {os.cpu_count()} cores, torch {torch.__version__}, "
        f"{torch.get_num_threads()} threads"
    )


def product_flops(dtype_name: str, side: int = 2048, repeats: int = 5) -> float:
    """Return the floating-point operations a second of a square matrix product.

    Args:
        dtype_name: `float32` or `bfloat16`.
        side: Of the matrices.
        repeats: Timings; the shortest counts, since this is a limit.
    """
    import torch

    a, b = (torch.randn(side, side).to(getattr(torch, dtype_name)) for _ in range(2))
    return 2 * side**3 / min(seconds_of(lambda: a @ b) for _ in range(repeats + 1))
