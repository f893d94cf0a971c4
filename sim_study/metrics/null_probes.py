"""Probes of permuted labels, fitted as the probe was whose weights are examined.

The protocol (few steps from a random start) leaves its own mark on the weights, so that the null
has to carry it too.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim_study.config.probe import PhoneProbeConfig, ProbeConfig
from sim_study.downstream.probes.linear_maps import LinearMaps, weight_and_bias, with_ones
from sim_study.downstream.probes.linear_probe import fit_probes

NullProbes = Callable[
    [np.ndarray, np.ndarray, int, bool, int], tuple[np.ndarray, np.ndarray | None]
]
"""Takes codes (sample, dim), labels (probe, sample), classes, bias, seed; gives weights (probe,
class, dim) and biases (probe, class) or None."""


def of_clips(config: ProbeConfig) -> NullProbes:
    """Fit as the probes of pooled clips are."""

    def fit(
        codes: np.ndarray, labels: np.ndarray, classes: int, bias: bool, seed: int
    ) -> tuple[np.ndarray, np.ndarray | None]:
        return fit_probes(codes, labels, classes, config, bias=bias, seed=seed)

    return fit


def of_frames(config: PhoneProbeConfig, utterances: int) -> NullProbes:
    """Fit as the phone probes are: Xavier-normal weights, one step an utterance.

    Of the frames only a random part is kept, so a step takes its share of them, in random order:
    as many steps, from a start as wide.

    Args:
        config: Epochs and learning rate.
        utterances: Steps an epoch.
    """

    def fit(
        codes: np.ndarray, labels: np.ndarray, classes: int, bias: bool, seed: int
    ) -> tuple[np.ndarray, np.ndarray | None]:
        random = np.random.default_rng(seed)
        inputs = with_ones(codes, bias)  # (N, D), or (N, D + 1)
        deviation = np.sqrt(2 / (codes.shape[1] + classes))
        shape = (len(labels), classes, inputs.shape[1])
        start = (random.standard_normal(shape) * deviation).astype(inputs.dtype)
        maps = LinearMaps(start, [config.learning_rate] * len(labels))
        one_hot = np.eye(classes, dtype=inputs.dtype)[labels.T]  # (N, probe, class)
        for _ in range(config.epochs):
            order = random.permutation(len(inputs))
            for rows in np.array_split(order, min(utterances, len(order))):
                maps.step(inputs[rows], one_hot[rows])
        return weight_and_bias(maps.weight, bias)

    return fit
