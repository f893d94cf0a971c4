"""On how few dimensions do a linear probe's weights rest?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from sim_study.downstream.probes.linear_probe import majority_accuracy
from sim_study.metrics.contract import ProbeMetric, Reading, TrainedProbe
from sim_study.metrics.held_out_information import entropy
from sim_study.metrics.label_weights import (
    contrasts,
    heaviest_dimensions,
    of_largest,
    shares,
    standardised_probe,
)
from sim_study.naming.quantity import PADDED, Headline, Quantity
from sim_study.naming.targets import TARGETS

TOP_DIMENSIONS = 4
"""Dimensions kept for the scalar `top_k_accuracy`."""


class ProbeWeights(ProbeMetric):
    """Concentration of a probe's weights, and what its heaviest dimensions know alone."""

    name = "probe_weights"
    quantities: ClassVar = {
        "hoyer": Quantity(
            "Hoyer sparsity",
            "fraction",
            "Concentration of a label's probe weights: 1 on one dimension, 0 even over all; mean "
            "over labels; sampled code." + PADDED,
            better="higher",
            family="entanglement",
            headline=Headline("probe weights", TARGETS),
            reads_probe_weights=True,
            aligned=True,
        ),
        "gini": Quantity(
            "Gini index",
            "fraction",
            "Inequality of a label's probe weights: 1 - 1/dimensions on one dimension, 0 even "
            "over all; mean over labels; sampled code." + PADDED,
            better="higher",
            family="entanglement",
            reads_probe_weights=True,
            aligned=True,
        ),
        "effective_dimensions": Quantity(
            "Effective dimensions",
            "dimensions",
            "exp of the entropy of the dimensions' shares in a label's logit variance; mean over "
            "labels; sampled code." + PADDED,
            better="lower",
            family="entanglement",
            low=1,
            reads_probe_weights=True,
            aligned=True,
        ),
        "top_k_accuracy": Quantity(
            "Accuracy kept by the top 4 dimensions",
            "fraction",
            "Test accuracy of the probe when all but its 4 heaviest dimensions are held at their "
            "mean; sampled code." + PADDED,
            better="higher",
            family="entanglement",
            reads_probe_weights=True,
            aligned=True,
        ),
    }

    def read(self, probe: TrainedProbe, seed: int) -> Reading:
        """Return all four, and each dimension's share in each label; draws nothing."""
        of_dimensions = shares(probe.weight, probe.scales.deviation).T  # (dim, label)
        return Reading(probe_scores(probe), by_dimension={"share": of_dimensions})


METRIC = ProbeWeights()


def probe_scores(probe: TrainedProbe) -> dict[str, float]:
    """Measure on how few dimensions one probe rests.

    Returns:
        `hoyer`, `gini`, `effective_dimensions`, and `top_k_accuracy`: the test accuracy
        (fraction) left when all but the 4 heaviest dimensions are held at their mean. It is an
        accuracy and not a share of the full probe's, because at chance that share is near 1.
        Without active dimensions, it is that of naming the most frequent training class.
    """
    scores = weight_concentration(probe.weight, probe.scales.deviation)
    if not probe.scales.varies.any():
        majority = majority_accuracy(probe.train_labels, probe.test_labels)
        return scores | {"top_k_accuracy": majority}
    weight, bias = standardised_probe(probe.weight, probe.bias, probe.scales)
    curve = top_k_curve(weight, bias, probe.test_codes, probe.test_labels, [TOP_DIMENSIONS])
    return scores | {"top_k_accuracy": curve[TOP_DIMENSIONS]}


def weight_concentration(weight: np.ndarray, feature_std: np.ndarray) -> dict[str, float]:
    """Measure how concentrated each label's weights are, mean over labels.

    A weight multiplies a feature that was not standardised, so it counts with its feature's
    standard deviation. Dimensions with deviation 0 are left out: a dead channel is not sparsity.
    What all labels' weights have in common is left out too, see `contrasts`.

    Args:
        weight: (label, dim), of a probe on unstandardised features.
        feature_std: (dim,) standard deviation of each feature over the training clips.

    Returns:
        `hoyer` and `gini`, 0-1, and `effective_dimensions`, 1 to dim. A label without any weight
        counts as spread over all dimensions, and so does a code without active dimensions.
    """
    active = feature_std > 0
    magnitude = np.abs(contrasts(weight[:, active])) * feature_std[active]  # (label, dim)
    if magnitude.shape[1] == 0:
        magnitude = np.zeros_like(weight)
    return {
        "hoyer": float(hoyer(magnitude).mean()),
        "gini": float(gini(magnitude).mean()),
        "effective_dimensions": float(effective_dimensions(magnitude).mean()),
    }


def hoyer(magnitude: np.ndarray) -> np.ndarray:
    """Return (sqrt(n) - l1 / l2) / (sqrt(n) - 1) of each row: 1 for one entry, 0 for equal ones.

    Args:
        magnitude: (label, dim), non-negative.

    Returns:
        (label,), 0-1; a zero row counts 0, a lone dimension 1.

    Source: Hoyer 2004, "Non-negative matrix factorization with sparseness constraints", sec. 3.1.
    """
    scaled = of_largest(magnitude)
    dims = magnitude.shape[1]
    l1, l2 = scaled.sum(axis=1), np.sqrt((scaled**2).sum(axis=1))
    if dims == 1:
        return np.where(l1 > 0, 1.0, 0.0)
    ratio = np.divide(l1, l2, out=np.full_like(l1, np.sqrt(dims)), where=l2 > 0)
    sparsity: np.ndarray = (np.sqrt(dims) - ratio) / (np.sqrt(dims) - 1)
    return sparsity.clip(0.0, 1.0)


def gini(magnitude: np.ndarray) -> np.ndarray:
    """Return the Gini index of each row: 1 - 1/n for one entry, 0 for equal ones.

    Args:
        magnitude: (label, dim), non-negative.

    Returns:
        (label,), 0 to 1 - 1/dim; a zero row counts 0.

    Source: Hurley and Rickard 2009, "Comparing measures of sparsity", table I.
    """
    ordered = np.sort(of_largest(magnitude), axis=1)
    dims = magnitude.shape[1]
    total = ordered.sum(axis=1, keepdims=True)
    parts = np.divide(ordered, total, out=np.full_like(ordered, 1 / dims), where=total > 0)
    rank = np.arange(1, dims + 1)
    inequality: np.ndarray = 1.0 - 2.0 * (parts * (dims - rank + 0.5) / dims).sum(axis=1)
    return inequality.clip(0.0, 1.0)


def effective_dimensions(magnitude: np.ndarray) -> np.ndarray:
    """Return exp(entropy) of each row's shares in the logit's variance.

    For uncorrelated features a logit's variance is the sum of (weight * deviation) squared, so
    the shares say how many dimensions would carry it if all carried alike.

    Args:
        magnitude: (label, dim), |weight| * feature deviation.

    Returns:
        (label,), 1 to dim; a zero row counts dim.
    """
    variance = of_largest(magnitude) ** 2
    dims = magnitude.shape[1]
    total = variance.sum(axis=1, keepdims=True)
    parts = np.divide(variance, total, out=np.full_like(variance, 1 / dims), where=total > 0)
    effective: np.ndarray = np.exp(entropy(parts))
    return effective


def top_k_curve(
    weight: np.ndarray,
    bias: np.ndarray | None,
    codes: np.ndarray,
    labels: np.ndarray,
    ks: Iterable[int],
) -> dict[int, float]:
    """Measure a probe's accuracy when only its k heaviest dimensions may speak.

    The others are held at their mean (not at 0, which for an uncentred feature may be a value it
    never takes); the probe is not fitted again. See `heaviest_dimensions` for their order.

    Args:
        weight: (label, dim), of a probe on standardised features, see `standardised_probe`.
        bias: (label,), or None.
        codes: (sample, dim) held-out features, standardised by the training part.
        labels: (sample,) int64.
        ks: Numbers of dimensions to keep; more than there are keep all.

    Returns:
        Accuracy (fraction, 0-1) by k.
    """
    order = heaviest_dimensions(weight)
    curve = {}
    for k in ks:
        kept = order[:k]
        logits = codes[:, kept] @ weight[:, kept].T  # (sample, label)
        if bias is not None:
            logits = logits + bias
        curve[k] = float(np.mean(logits.argmax(axis=1) == labels))
    return curve
