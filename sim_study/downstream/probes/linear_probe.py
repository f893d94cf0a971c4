"""A linear map from frozen features to classes, trained by Adam on the cross-entropy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim_study.config.probe import ProbeConfig
from sim_study.downstream.probes.linear_maps import LinearMaps, weight_and_bias, with_ones


@dataclass(frozen=True)
class Tried:
    """Learning rates that were compared for one probe.

    Args:
        rates: Adam's step sizes.
        accuracies: Of each rate on the held-out clips or frames, fraction 0-1.
    """

    rates: Sequence[float]
    accuracies: Sequence[float]

    @property
    def chosen(self) -> float:
        """The rate of the highest accuracy; of equals, the first."""
        return self.rates[int(np.argmax(self.accuracies))]


@dataclass(frozen=True)
class ProbeFit:
    """A trained probe.

    Args:
        weight: (class, dim) float32.
        bias: (class,) float32; zeros where the protocol has none.
        accuracy: On the test split, fraction 0-1.
        train_accuracy: On the training split, fraction 0-1.
        tried: The learning rates that its own was chosen from, if it was.
    """

    weight: np.ndarray
    bias: np.ndarray
    accuracy: float
    train_accuracy: float
    tried: Tried | None = None


def fit_linear_probe(
    train_x: np.ndarray,
    train_y: np.ndarray,
    test_x: np.ndarray,
    test_y: np.ndarray,
    classes: int,
    config: ProbeConfig,
    *,
    bias: bool,
    seed: int,
) -> ProbeFit:
    """Train a probe on pooled features and score it on both splits.

    Features enter as they are: the reference does not standardise them, so that a layer with
    small features is probed with an effectively smaller learning rate.

    Args:
        train_x: (clip, dim) training features.
        train_y: (clip,) training labels, 0 .. classes - 1.
        test_x: (clip, dim) test features.
        test_y: (clip,) test labels.
        classes: Number of classes.
        config: Epochs, batch size, learning rate, gradient clipping.
        bias: Whether the map has a bias.
        seed: Draws the initial weights and the order of clips.
    """
    weights, biases = fit_probes(train_x, train_y[None], classes, config, bias=bias, seed=seed)
    weight = weights[0]
    offset = np.zeros(classes, weight.dtype) if biases is None else biases[0]
    return ProbeFit(
        weight,
        offset,
        accuracy(logits(test_x, weight, offset), test_y),
        accuracy(logits(train_x, weight, offset), train_y),
    )


def fit_probes(
    codes: np.ndarray,
    labels: np.ndarray,
    classes: int,
    config: ProbeConfig,
    *,
    bias: bool,
    seed: int,
    rates: Sequence[float] | None = None,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Train linear probes of the same clips side by side.

    Args:
        codes: (clip, dim) features; the probes are trained in their precision.
        labels: (labelling, clip) int64, 0 .. classes - 1.
        classes: Number of classes.
        config: Epochs, batch size, learning rate, gradient clipping (of each probe by itself).
        bias: Whether the maps have a bias.
        seed: Draws the initial weights, one start a labelling, and the order of clips.
        rates: One probe with each, from the same start, of a single labelling; None: one probe a
            labelling, with the configured rate.

    Returns:
        Weight (probe, class, dim), and bias (probe, class) or None.

    Source:
        Smooth InfoMax, arXiv 2408.12936; initial weights as PyTorch's Linear.
    """
    rates = rates or [config.learning_rate] * len(labels)
    random = np.random.default_rng(seed)
    inputs = with_ones(codes, bias)  # (N, D), or (N, D + 1)
    bound = 1 / np.sqrt(codes.shape[1])
    start = random.uniform(-bound, bound, (len(labels), classes, inputs.shape[1]))
    start = np.repeat(start.astype(inputs.dtype), len(rates) // len(labels), axis=0)
    maps = LinearMaps(start, rates, config.gradient_clip)
    one_hot = np.eye(classes, dtype=inputs.dtype)[labels.T]  # (N, labelling, classes)
    for _ in range(config.epochs):
        order = random.permutation(len(inputs))
        for first in range(0, len(order), config.batch_size):
            batch = order[first : first + config.batch_size]
            maps.step(inputs[batch], one_hot[batch])
    return weight_and_bias(maps.weight, bias)


def logits(features: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Return the scores (clip, class) of features (clip, dim)."""
    scores: np.ndarray = features @ weight.T + bias
    return scores


def cross_entropy(scores: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean of -log softmax(scores)[label] over clips, in nats; scores (clip, class)."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_total = np.log(np.exp(shifted).sum(axis=1))  # (N,)
    return float((log_total - shifted[np.arange(len(labels)), labels]).mean())


def accuracy(scores: np.ndarray, labels: np.ndarray) -> float:
    """Return the fraction 0-1 of clips whose highest score (clip, class) is at the label."""
    return float((scores.argmax(axis=1) == labels).mean())


def majority_accuracy(train_labels: np.ndarray, test_labels: np.ndarray) -> float:
    """Return the test accuracy (fraction 0-1) of always naming the most frequent training class."""
    return float((test_labels == np.bincount(train_labels).argmax()).mean())
