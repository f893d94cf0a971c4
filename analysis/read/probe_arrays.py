"""The probes' weights as the probe stage keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.read.configurations import Configuration, finished_probes
from analysis.read.runs import Run
from sim_study.views.probed import SAMPLED, WEIGHTS_FILE


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
    probes = finished_probes(runs, one)
    run = next((run for run in probes if run.encoder.seed == seed), None)
    path = run.folder.artifacts / WEIGHTS_FILE if run else None
    return read_probe_arrays(path) if path and path.exists() else ProbeArrays()


def read_probe_arrays(path: Path) -> ProbeArrays:
    """Read `<protocol>/<target>/<layer>`, `deviation/<protocol>/<layer>`, `classes/<target>`.

    Of phones, `deviation/<protocol>/phone/<layer>`.
    """
    found = ProbeArrays()
    with np.load(path, allow_pickle=False) as arrays:
        for key in arrays.files:
            first, *rest = key.split("/")
            if first == "classes":
                found.classes[rest[0]] = tuple(map(str, arrays[key]))
            elif first == SAMPLED:
                target, layer = rest
                # Phones are read from frames, which spread otherwise than clips' means.
                places = (f"deviation/{SAMPLED}/{place}" for place in (f"{target}/{layer}", layer))
                deviation = next((place for place in places if place in arrays.files), None)
                scale = arrays[deviation] if deviation else 1.0  # (dim,)
                found.weights.setdefault(target, {})[layer] = arrays[key] * scale  # (label, dim)
    return found
