"""What a metric reads when the code has nothing to do with the factors, or with itself.

Of a probe's weights: those of probes of permuted labels, fitted as the probe was whose weights are
examined. The protocol (few steps from a random start) leaves its own mark on the weights, so that
the null has to carry it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from sim_study.config.probe import PhoneProbeConfig, ProbeConfig
from sim_study.downstream.probes.linear_maps import LinearMaps, weight_and_bias, with_ones
from sim_study.downstream.probes.linear_probe import fit_probes
from sim_study.metrics.contract import Metric, Null, Prepared, ProbeMetric, TrainedProbe

NullProbes = Callable[
    [np.ndarray, np.ndarray, int, bool, int], tuple[np.ndarray, np.ndarray | None]
]
"""Takes codes (sample, dim), labels (probe, sample), classes, bias, seed; gives weights (probe,
class, dim) and biases (probe, class) or None."""


def nulls(
    metrics: Sequence[Metric], sample: Prepared, permutations: int, seed: int
) -> list[dict[str, Null]]:
    """Measure every metric where what it measures is left to chance.

    All metrics read the same draws, so that what they share is computed once a draw.

    Args:
        metrics: The metrics.
        sample: Codes and factors.
        permutations: How many times to permute.
        seed: Draws the permutations, and the metrics' own draws under each.

    Returns:
        Of each metric, the null by the metric's own keys; empty for one without chance.
    """
    found: list[list[Mapping[str, float]]] = [[] for _ in metrics]
    for chance, draws in (
        ("permuted labels", permuted_labels),
        ("independent dimensions", independent_dimensions),
    ):
        readers = [index for index, metric in enumerate(metrics) if metric.chance == chance]
        if readers:
            for number, drawn in enumerate(draws(sample, permutations, seed)):
                for index in readers:
                    found[index].append(metrics[index].read(drawn, seed + number).values)
    return [summarise(values) if values else {} for values in found]


def permuted_labels(sample: Prepared, permutations: int, seed: int) -> Iterator[Prepared]:
    """Yield the sample with labels that have nothing to do with their clips.

    All factors of a clip move together, so the factors keep their relation to one another.
    """
    train_orders = label_orders(len(sample.train_codes), permutations, seed, "train")
    test_orders = label_orders(len(sample.test_codes), permutations, seed, "test")
    for train, test in zip(train_orders, test_orders, strict=True):
        yield replace(
            sample,
            train_factors={k: v[train] for k, v in sample.train_factors.items()},
            test_factors={k: v[test] for k, v in sample.test_factors.items()},
        )


def independent_dimensions(sample: Prepared, permutations: int, seed: int) -> Iterator[Prepared]:
    """Yield the sample with every dimension's values in an order of their own.

    Each dimension keeps its distribution, and has nothing to do with any other any more. Labels
    lose their meaning: no metric that reads them may use this null.
    """
    generator, of_frames = (np.random.default_rng([seed, k]) for k in (2, 5))
    for _ in range(permutations):
        order = generator.permuted(_columns(sample.train_codes.shape), axis=0)  # (sample, dim)
        test_order = generator.permuted(_columns(sample.test_codes.shape), axis=0)
        frames = sample.sampled_frames
        yield replace(
            sample,
            train_codes=np.take_along_axis(sample.train_codes, order, axis=0),
            raw_codes=np.take_along_axis(sample.raw_codes, order, axis=0),
            test_codes=np.take_along_axis(sample.test_codes, test_order, axis=0),
            sampled_frames=None if frames is None else of_frames.permuted(frames, axis=0),
        )


def _columns(shape: tuple[int, ...]) -> np.ndarray:
    """Row numbers in every column: (sample, dim)."""
    return np.broadcast_to(np.arange(shape[0])[:, None], shape)


def label_orders(samples: int, permutations: int, seed: int, part: str) -> np.ndarray:
    """Draw orders of the labels of one part ("train" or "test").

    Returns:
        (permutation, sample) int64.
    """
    generator = np.random.default_rng([seed, ("train", "test").index(part)])
    return np.stack([generator.permutation(samples) for _ in range(permutations)])


def summarise(values: Sequence[Mapping[str, float]]) -> dict[str, Null]:
    """Summarise what a metric read under each permutation, key by key."""
    return {key: Null.of([row[key] for row in values]) for key in values[0]}


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
