"""Do the encoders of a configuration's seeds find the same dimensions? One number a layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.read.configurations import Configuration, finished_runs
from analysis.read.runs import Run
from sim_study.ledger.feature_file import FEATURES_FILE, MEANS, FeatureFile
from sim_study.metrics.measures.udr import PERMUTATIONS, Udr, udr
from sim_study.naming.result_keys import layer_order

QUANTITY = "udr"
NOTE = (
    "UDR: mean over the encoders of n seeds, of test clips; no interval, since every encoder is "
    "compared with all others; clips shuffled: what it reads when their clips are in other orders; "
    "copies rotated: what it reads when each encoder's axes are turned at random, which keeps all "
    "that they hold: only what lies above it speaks of the same dimensions"
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
    probes = finished_runs(runs, one, "probe")
    counted = [run.folder.path for run in probes if run.encoder.seed in one.counted_seeds]
    kept = [_test_codes(path) for path in counted if (path / FEATURES_FILE).exists()]
    if len(kept) < 2:
        return {}
    return {
        layer: udr([codes[layer] for codes in kept], PERMUTATIONS, seed=0)
        for layer in sorted(kept[0], key=layer_order)
    }


def _test_codes(folder: Path) -> dict[str, Codes]:
    """Mean codes of the test clips by layer, each (clip, channel)."""
    features = FeatureFile.read(folder)
    return {layer: features.codes("clips", MEANS, "test", layer) for layer in features.layers}
