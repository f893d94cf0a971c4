"""Do the encoders of a configuration's seeds find the same dimensions? One number a layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.read.configurations import Configuration, finished_probes
from analysis.read.runs import Run
from analysis.report.grid import Grid
from analysis.report.summary_grid import NULL_ROWS, configuration_name
from analysis.words.numbers import number
from analysis.words.quantities import title_of
from sim_study.metrics.measures.udr import PERMUTATIONS, Udr, udr
from sim_study.naming.layers import layer_order, layer_title
from sim_study.views.probed import FEATURES_FILE, MEANS

QUANTITY = "udr"
NOTE = (
    "UDR: mean over the encoders of n seeds, of test clips; no interval, since every encoder is "
    "compared with all others; clips shuffled: what it reads when their clips are in other orders"
)

Codes = NDArray[np.floating[Any]]
ByLayer = Mapping[str, Udr]


def udr_by_layer(runs: Sequence[Run], one: Configuration) -> dict[str, Udr]:
    """Compare the encoders of a configuration's seeds, two at a time.

    Args:
        runs: Trials of the study.
        one: Whose; of its seeds those count that speak for it and whose probe trial kept codes.

    Returns:
        By layer; empty with fewer than two such seeds.
    """
    files = [
        run.folder.path / FEATURES_FILE
        for run in finished_probes(runs, one)
        if run.encoder.seed in one.counted_seeds
    ]
    kept = [_test_codes(path) for path in files if path.exists()]
    if len(kept) < 2:
        return {}
    return {
        layer: udr([codes[layer] for codes in kept], PERMUTATIONS, seed=0)
        for layer in sorted(kept[0], key=layer_order)
    }


def udr_grid(configurations: Sequence[Configuration], values: Sequence[ByLayer]) -> Grid | None:
    """Rows are configurations, each above what its shuffled clips read; None without any."""
    layers = sorted({layer for of_one in values for layer in of_one}, key=layer_order)
    rows: list[tuple[str, ...]] = []
    faint = []
    for one, of_one in zip(configurations, values, strict=True):
        if of_one:
            count = len(next(iter(of_one.values())).by_encoder)
            seeds = len(one.counted_seeds)
            n = str(count) if count == seeds else f"{count} of {seeds}"
            found = [of_one.get(layer) for layer in layers]
            read = (number(layer.value) if layer else "" for layer in found)
            null = (number(layer.null.mean) if layer else "" for layer in found)
            faint.append(len(rows) + 1)
            rows.append((configuration_name(one), n, *read))
            rows.append((NULL_ROWS["shuffled clips"], "", *null))
    if not rows:
        return None
    return Grid(
        title=title_of(QUANTITY),
        columns=("", "n", *map(layer_title, layers)),
        rows=tuple(rows),
        faint=frozenset(faint),
    )


def _test_codes(path: Path) -> dict[str, Codes]:
    """Mean codes of the test clips by layer, each (clip, channel)."""
    start = f"{MEANS}/test/"
    with np.load(path, allow_pickle=False) as arrays:
        found = [key for key in arrays.files if key.startswith(start)]
        return {key.removeprefix(start): arrays[key] for key in found}
