"""A linear map from frozen features to classes, trained by Adam on the cross-entropy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim_study.config.probe import ProbeConfig

ADAM_MEAN_DECAY = 0.9
ADAM_SQUARE_DECAY = 0.999
ADAM_EPSILON = 1e-8


@dataclass(frozen=True)
class ProbeFit:
    """A trained probe.

    Args:
        weight: (class, dim) float32.
        bias: (class,) float32; zeros where the protocol has none.
        accuracy: On the test split, fraction 0-1.
        train_accuracy: On the training split, fraction 0-1.
    """

    weight: np.ndarray
    bias: np.ndarray
    accuracy: float
    train_accuracy: float


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
) -> tuple[np.ndarray, np.ndarray | None]:
    """Train linear probes side by side, one for each labelling of the same clips.

    All see the batches in one order, so that a step is two matrix products for all of them: ten
    probes cost little more than one. The gradient is written out: on features this small it is
    five times faster than automatic differentiation.

    Args:
        codes: (clip, dim) features; the probes are trained in their precision.
        labels: (probe, clip) int64, 0 .. classes - 1.
        classes: Number of classes.
        config: Epochs, batch size, learning rate, gradient clipping (of each probe by itself).
        bias: Whether the maps have a bias.
        seed: Draws the initial weights and the order of clips.

    Returns:
        Weight (probe, class, dim), and bias (probe, class) or None.

    Source:
        Smooth InfoMax, arXiv 2408.12936; initial weights as PyTorch's Linear; Adam: Kingma & Ba
        (2015), algorithm 1.
    """
    random = np.random.default_rng(seed)
    inputs = _with_ones(codes, bias)  # (N, D), or (N, D + 1): the bias is a weight on ones
    bound = 1 / np.sqrt(codes.shape[1])
    start = random.uniform(-bound, bound, (len(labels), classes, inputs.shape[1]))
    weight = np.ascontiguousarray(start.transpose(2, 0, 1), dtype=inputs.dtype)  # (D, P, classes)
    one_hot = np.eye(classes, dtype=inputs.dtype)[labels.T]  # (N, P, classes)
    mean, square = np.zeros_like(weight), np.zeros_like(weight)
    step = 0
    for _ in range(config.epochs):
        order = random.permutation(len(inputs))
        for first in range(0, len(order), config.batch_size):
            batch = order[first : first + config.batch_size]
            gradient = cross_entropy_gradient(weight, inputs[batch], one_hot[batch])
            if config.gradient_clip is not None:
                norm = np.sqrt((gradient * gradient).sum(axis=(0, 2), keepdims=True))  # (1, P, 1)
                gradient *= np.minimum(1.0, config.gradient_clip / (norm + 1e-6))
            step += 1
            mean += (1 - ADAM_MEAN_DECAY) * (gradient - mean)
            square += (1 - ADAM_SQUARE_DECAY) * (gradient * gradient - square)
            rate = config.learning_rate / (1 - ADAM_MEAN_DECAY**step)
            spread = np.sqrt(square / (1 - ADAM_SQUARE_DECAY**step)) + ADAM_EPSILON
            weight -= rate * mean / spread
    weight = np.ascontiguousarray(weight.transpose(1, 2, 0))  # (P, classes, D or D + 1)
    return (weight[..., :-1], weight[..., -1]) if bias else (weight, None)


def logits(features: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Return the scores (clip, class) of features (clip, dim)."""
    scores: np.ndarray = features @ weight.T + bias
    return scores


def cross_entropy(scores: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean over clips of -log softmax(scores)[label], in nats.

    Args:
        scores: (clip, class).
        labels: (clip,).
    """
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_total = np.log(np.exp(shifted).sum(axis=1))  # (N,)
    return float((log_total - shifted[np.arange(len(labels)), labels]).mean())


def cross_entropy_gradient(
    weight: np.ndarray, inputs: np.ndarray, one_hot: np.ndarray
) -> np.ndarray:
    """Return the gradient of each probe's mean cross-entropy with respect to its weights.

    Args:
        weight: (dim, probe, class).
        inputs: (clip, dim), the same for all probes.
        one_hot: (clip, probe, class), one where the label is.

    Returns:
        (dim, probe, class).
    """
    dims, probes, classes = weight.shape
    scores = (inputs @ weight.reshape(dims, -1)).reshape(-1, probes, classes)  # (N, P, classes)
    surplus = np.exp(scores - scores.max(axis=2, keepdims=True))
    surplus /= surplus.sum(axis=2, keepdims=True)
    surplus -= one_hot
    gradient: np.ndarray = inputs.T @ surplus.reshape(len(inputs), -1) / len(inputs)
    return gradient.reshape(weight.shape)


def accuracy(scores: np.ndarray, labels: np.ndarray) -> float:
    """Return the fraction 0-1 of clips whose highest score (clip, class) is at the label."""
    return float((scores.argmax(axis=1) == labels).mean())


def majority_accuracy(train_labels: np.ndarray, test_labels: np.ndarray) -> float:
    """Return the test accuracy (fraction 0-1) of always naming the most frequent training class.

    Args:
        train_labels: (clip,) int64.
        test_labels: (clip,) int64, of other clips.
    """
    return float((test_labels == np.bincount(train_labels).argmax()).mean())


def _with_ones(features: np.ndarray, bias: bool) -> np.ndarray:
    if not bias:
        return features
    return np.concatenate([features, np.ones((len(features), 1), features.dtype)], axis=1)
