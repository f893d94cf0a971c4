"""What a metric of a probe's weights reads when labels have nothing to do with the codes.

Null probes are fitted as the probe was whose weights are examined: the protocol leaves its own mark
on the weights (few steps from a random start above all), so that the null has to carry it too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from sim_study.config.probe import PhoneProbeConfig, ProbeConfig
from sim_study.downstream.probes.linear_maps import LinearMaps, weight_and_bias, with_ones
from sim_study.downstream.probes.linear_probe import fit_probes
from sim_study.downstream.probes.logistic import LogisticProblem
from sim_study.metrics.contract import Null, ProbeMetric, TrainedProbe
from sim_study.metrics.null import label_orders, summarise

NullProbes = Callable[
    [np.ndarray, np.ndarray, int, bool, int], tuple[np.ndarray, np.ndarray | None]
]
"""Takes codes (sample, dim), labels (probe, sample), classes, bias, seed; gives weights (probe,
class, dim) and biases (probe, class) or None."""


def probe_nulls(
    metrics: Sequence[ProbeMetric],
    probe: TrainedProbe,
    train_codes: np.ndarray,
    permutations: int,
    seed: int,
    fit_null: NullProbes,
) -> list[dict[str, Null]]:
    """Measure probes of permuted labels, fitted once for all metrics that have a null.

    Args:
        metrics: The metrics.
        probe: The trained probe, with its labels.
        train_codes: (sample, dim) float64, as given.
        permutations: How many times to permute.
        seed: Draws the permutations, the probes' starts and the metrics' own draws.
        fit_null: Fits the probes.

    Returns:
        Of each metric, the null by the metric's own keys; empty for one without chance.
    """
    if all(metric.chance == "none" for metric in metrics):
        return [{} for _ in metrics]
    train_labels, test_labels = (
        labels[label_orders(len(labels), permutations, seed, part)]
        for part, labels in (("train", probe.train_labels), ("test", probe.test_labels))
    )  # (permutation, sample) each
    has_bias = probe.bias is not None
    weights, biases = fit_null(train_codes, train_labels, len(probe.weight), has_bias, seed)
    drawn = [
        replace(
            probe,
            weight=weights[number],
            bias=None if biases is None else biases[number],
            train_labels=train_labels[number],
            test_labels=test_labels[number],
        )
        for number in range(permutations)
    ]
    return [
        {}
        if metric.chance == "none"
        else summarise([metric.read(one, seed + number).values for number, one in enumerate(drawn)])
        for metric in metrics
    ]


def of_penalty(penalty: float) -> NullProbes:
    """Fit as the converged probes are, by the penalty that was chosen for the real labels.

    To choose one for every permutation would take seventeen times as long, and of labels that
    cannot be read any penalty reads as much.
    """

    def fit(
        codes: np.ndarray, labels: np.ndarray, classes: int, bias: bool, seed: int
    ) -> tuple[np.ndarray, np.ndarray | None]:
        problem = LogisticProblem(codes, np.zeros(len(codes), np.int64))
        fits = [problem.fit(one, classes, bias=bias, penalties=(penalty,)) for one in labels]
        weights = np.stack([one.weight for one in fits])
        return weights, np.stack([one.bias for one in fits]) if bias else None

    return fit


def of_clips(config: ProbeConfig) -> NullProbes:
    """Fit as the probes of pooled clips are."""
    return lambda codes, labels, classes, bias, seed: fit_probes(
        codes, labels, classes, config, bias=bias, seed=seed
    )


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
