"""The probes' weights as the probe stage keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.read.configurations import Configuration, finished_runs
from analysis.read.runs import Run
from sim_study.ledger.probe_weight_file import WEIGHTS_FILE, ProbeWeightFile


@dataclass(frozen=True)
class ProbeArrays:
    """Weights of the probes on the sampled code, of one encoder.

    Args:
        weights: By target and layer: (label, dim). A weight counts with the standard deviation of
            its feature: multiplied by it, where that is known.
        classes: Names of a target's labels, where they are known.
    """

    weights: dict[str, dict[str, NDArray[np.float64]]] = field(default_factory=dict)
    classes: dict[str, tuple[str, ...]] = field(default_factory=dict)


def probe_arrays(runs: Sequence[Run], one: Configuration, seed: int) -> ProbeArrays:
    """Read the weights of a configuration's probe; empty when it has not finished."""
    for run in finished_runs(runs, one, "probe"):
        if run.encoder.seed == seed and (run.folder.artifacts / WEIGHTS_FILE).exists():
            return read_probe_arrays(run.folder.artifacts)
    return ProbeArrays()


def read_probe_arrays(folder: Path) -> ProbeArrays:
    """Read the weights of a probe trial's artifacts.

    Raises:
        UserError: The file is damaged.
    """
    file, found = ProbeWeightFile.read(folder), ProbeArrays()
    for target, layer in file.places:
        protocol = file.sampled_protocol(target, layer)
        deviation = file.deviation(protocol, target, layer)
        scale = 1.0 if deviation is None else deviation  # (dim,)
        weight = file.weight(protocol, target, layer)  # (label, dim)
        found.weights.setdefault(target, {})[layer] = weight * scale
        if names := file.classes(target):
            found.classes[target] = names
    return found
