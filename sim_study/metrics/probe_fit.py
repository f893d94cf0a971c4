"""Linear probes fitted side by side: one for every relabelling of the same clips."""

from __future__ import annotations

import numpy as np

from sim_study.config.downstream import ProbeConfig

FIRST_DECAY, SECOND_DECAY, EPSILON = 0.9, 0.999, 1e-8
"""Adam's usual constants (Kingma and Ba 2015, algorithm 1)."""


def fit_probes(
    codes: np.ndarray,
    labels: np.ndarray,
    classes: int,
    config: ProbeConfig,
    *,
    bias: bool,
    seed: int,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Fit one softmax regression for each row of labels, by the protocol of the linear probes.

    The protocol (Adam, uniform start within 1 / sqrt(dim), few epochs) leaves its own mark on
    the weights, above all where features are small; a null fitted in another way would miss it.
    All probes see the batches in one order, so a step is two matrix products for all of them: ten
    probes cost little more than one. A single probe equals downstream's `fit_linear_probe`.

    Args:
        codes: (sample, dim).
        labels: (probe, sample) int64.
        classes: Number of classes.
        config: Epochs, batch size, step size and gradient clipping.
        bias: Whether the probes have one.
        seed: Draws start weights and batches.

    Returns:
        Weight (probe, class, dim), and bias (probe, class) or None.
    """
    generator = np.random.default_rng(seed)
    probes, samples = labels.shape
    dims = codes.shape[1]
    bound = 1.0 / np.sqrt(max(dims, 1))
    inputs = np.hstack([codes, np.ones((samples, 1))]) if bias else codes
    targets = np.eye(classes)[labels.T]  # (sample, probe, class)
    weight = generator.uniform(-bound, bound, (probes, classes, inputs.shape[1]))
    weight = np.ascontiguousarray(weight.transpose(2, 0, 1))  # (dim or dim + 1, probe, class)
    first, second = np.zeros_like(weight), np.zeros_like(weight)
    step = 0
    for _ in range(config.epochs):
        order = generator.permutation(samples)
        for start in range(0, samples, config.batch_size):
            rows = order[start : start + config.batch_size]
            step += 1
            gradient = _gradient(inputs[rows], targets[rows], weight)
            if config.gradient_clip is not None:
                norm = np.sqrt((gradient**2).sum(axis=(0, 2), keepdims=True))  # (1, probe, 1)
                gradient = gradient * np.minimum(1.0, config.gradient_clip / (norm + 1e-6))
            first += (1 - FIRST_DECAY) * (gradient - first)
            second += (1 - SECOND_DECAY) * (gradient**2 - second)
            scale = np.sqrt(second / (1 - SECOND_DECAY**step)) + EPSILON
            weight -= config.learning_rate / (1 - FIRST_DECAY**step) * first / scale
    weight = weight.transpose(1, 2, 0)  # (probe, class, dim or dim + 1)
    return (weight[..., :-1], weight[..., -1]) if bias else (weight, None)


def _gradient(inputs: np.ndarray, targets: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Gradient of each probe's cross-entropy (mean over the batch).

    Args:
        inputs: (batch, dim).
        targets: (batch, probe, class), one-hot.
        weight: (dim, probe, class).

    Returns:
        (dim, probe, class).
    """
    dims, probes, classes = weight.shape
    logits = (inputs @ weight.reshape(dims, -1)).reshape(-1, probes, classes)
    odds = np.exp(logits - logits.max(axis=2, keepdims=True))
    error = odds / odds.sum(axis=2, keepdims=True) - targets  # (batch, probe, class)
    product: np.ndarray = inputs.T @ error.reshape(len(inputs), -1)  # (dim, probe * class)
    return product.reshape(dims, probes, classes) / len(inputs)
