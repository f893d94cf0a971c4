"""`probe_weights.npz`: the weights of every probe of a trial, and what it takes to read them.

Keys:

- `{protocol}/{target}/{layer}` (label, dim): weights, of the paper's probes as their features come,
  of converged ones (protocols `accuracy`, `accuracy_sampled`) on standardised features;
- `learning_rate/{protocol}/{target}/{layer}`: of a probe whose own was chosen from several;
- `classes/{target}`: names of the labels;
- `deviation/{protocol}/{layer}` (dim,): standard deviation of the features of clips, and
  `deviation/{protocol}/{target}/{layer}` of those of frames, where a target is read from them; 1
  where weights are on standardised features.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim_study.config.probe import CONVERGED_SAMPLED
from sim_study.ledger.arrays import ArrayFile, ArrayParts, classes_key
from sim_study.ledger.feature_file import SAMPLED

WEIGHTS_FILE = "probe_weights.npz"

_RATE, _DEVIATION = "learning_rate/", "deviation/"


def _weight_key(protocol: str, target: str, layer: str) -> str:
    return f"{protocol}/{target}/{layer}"


def _deviation_keys(protocol: str, target: str, layer: str) -> tuple[str, str]:
    """Return where the deviation of frames is, and that of clips."""
    return f"{_DEVIATION}{protocol}/{target}/{layer}", f"{_DEVIATION}{protocol}/{layer}"


class ProbeWeightParts(ArrayParts):
    """What goes into the file."""

    file_name = WEIGHTS_FILE

    def add_weights(self, weights: Mapping[str, np.ndarray]) -> None:
        """Add weights (label, dim) by `protocol/target/layer`."""
        self._arrays |= weights

    def add_rates(self, rates: Mapping[str, float]) -> None:
        """Add chosen learning rates by `protocol/target/layer`."""
        self._arrays |= {f"{_RATE}{key}": np.array(rate) for key, rate in rates.items()}

    def add_deviation(
        self, protocol: str, layer: str, deviation: np.ndarray, *, of_frames: str = ""
    ) -> None:
        """Add the deviation (dim,) of clips' features, or of frames', of the target they are of."""
        frames, clips = _deviation_keys(protocol, of_frames, layer)
        self._arrays[frames if of_frames else clips] = deviation


class ProbeWeightFile(ArrayFile):
    """What the file holds."""

    file_name = WEIGHTS_FILE

    @property
    def places(self) -> list[tuple[str, str]]:
        """Target and layer of every probe on the sampled code, in the order of the file."""
        starts = (f"{CONVERGED_SAMPLED}/", f"{SAMPLED}/")
        keys = [key.split("/") for key in self._arrays if key.startswith(starts)]
        return list(dict.fromkeys((target, layer) for _, target, layer in keys))

    def sampled_protocol(self, target: str, layer: str) -> str:
        """Return the protocol of the probe on the sampled code that weights are read from.

        The converged one where there is one, else the paper's.
        """
        there = _weight_key(CONVERGED_SAMPLED, target, layer) in self._arrays
        return CONVERGED_SAMPLED if there else SAMPLED

    @property
    def targets(self) -> list[str]:
        """What the probes read, in the order of the file."""
        return list(dict.fromkeys(target for target, _ in self.places))

    def weight(self, protocol: str, target: str, layer: str) -> np.ndarray:
        """Return a probe's weights (label, dim).

        Raises:
            UserError: There is no such probe.
        """
        return self._array(_weight_key(protocol, target, layer))

    def learning_rate(self, protocol: str, target: str, layer: str) -> float | None:
        """Return the rate that was chosen for a probe; None where there was no choice."""
        chosen = self._arrays.get(f"{_RATE}{_weight_key(protocol, target, layer)}")
        return None if chosen is None else float(chosen)

    def classes(self, target: str) -> tuple[str, ...]:
        """Return the names of a target's labels; empty in a file of before they were kept."""
        return tuple(map(str, self._arrays.get(classes_key(target), ())))

    def deviation(self, protocol: str, target: str, layer: str) -> np.ndarray | None:
        """Return the deviation (dim,) of what a probe reads, if the file has it."""
        keys = _deviation_keys(protocol, target, layer)
        return next((self._arrays[key] for key in keys if key in self._arrays), None)
