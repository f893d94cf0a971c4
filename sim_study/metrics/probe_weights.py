"""On how few dimensions do a linear probe's weights rest?"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

TOP_DIMENSIONS = 4
"""Dimensions kept for the scalar `top_k_accuracy`."""


def weight_concentration(weight: np.ndarray, feature_std: np.ndarray) -> dict[str, float]:
    """Measure how concentrated each label's weights are, mean over labels.

    A weight multiplies a feature that was not standardised, so it counts with its feature's
    standard deviation. Dimensions with deviation 0 are left out: a dead channel is not sparsity.

    Args:
        weight: (label, dim), of a probe on unstandardised features.
        feature_std: (dim,) standard deviation of each feature over the training clips.

    Returns:
        `hoyer` and `gini`, 0-1, and `effective_dimensions`, 1 to dim. A label without any weight
        counts as spread over all dimensions, and so does a code without active dimensions.
    """
    active = feature_std > 0
    magnitude = np.abs(weight[:, active]) * feature_std[active]  # (label, dim)
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
    scaled = _of_largest(magnitude)
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
    ordered = np.sort(_of_largest(magnitude), axis=1)
    dims = magnitude.shape[1]
    total = ordered.sum(axis=1, keepdims=True)
    shares = np.divide(ordered, total, out=np.full_like(ordered, 1 / dims), where=total > 0)
    rank = np.arange(1, dims + 1)
    inequality: np.ndarray = 1.0 - 2.0 * (shares * (dims - rank + 0.5) / dims).sum(axis=1)
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
    variance = _of_largest(magnitude) ** 2
    dims = magnitude.shape[1]
    total = variance.sum(axis=1, keepdims=True)
    shares = np.divide(variance, total, out=np.full_like(variance, 1 / dims), where=total > 0)
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    effective: np.ndarray = np.exp(-(shares * logs).sum(axis=1))
    return effective


def standardised_probe(
    weight: np.ndarray,
    bias: np.ndarray | None,
    feature_mean: np.ndarray,
    feature_std: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Rewrite a probe so that it gives the same logits from standardised features.

    Args:
        weight: (label, dim).
        bias: (label,), or None.
        feature_mean: (dim,) over the training clips.
        feature_std: (dim,) over the training clips.

    Returns:
        Weight (label, dim) and bias (label,).
    """
    offset = weight @ feature_mean
    return weight * feature_std, offset if bias is None else bias + offset


def top_k_curve(
    weight: np.ndarray,
    bias: np.ndarray | None,
    codes: np.ndarray,
    labels: np.ndarray,
    ks: Iterable[int],
) -> dict[int, float]:
    """Measure a probe's accuracy when only its k heaviest dimensions may speak.

    The others are held at their mean (not at 0, which for an uncentred feature may be a value it
    never takes); the probe is not fitted again. Dimensions are ranked by their absolute weights,
    each label's rescaled to a largest of 1, summed over labels, so that all labels count alike.

    Args:
        weight: (label, dim), of a probe on standardised features, see `standardised_probe`.
        bias: (label,), or None.
        codes: (sample, dim) held-out features, standardised by the training part.
        labels: (sample,) int64.
        ks: Numbers of dimensions to keep; more than there are keep all.

    Returns:
        Accuracy (fraction, 0-1) by k.
    """
    order = np.argsort(-_of_largest(np.abs(weight)).sum(axis=0), kind="stable")
    curve = {}
    for k in ks:
        kept = order[:k]
        logits = codes[:, kept] @ weight[:, kept].T  # (sample, label)
        if bias is not None:
            logits = logits + bias
        curve[k] = float(np.mean(logits.argmax(axis=1) == labels))
    return curve


def _of_largest(magnitude: np.ndarray) -> np.ndarray:
    """Each row as a fraction of its largest entry; a zero row stays zero."""
    largest = magnitude.max(axis=1, keepdims=True)
    scaled: np.ndarray = np.divide(
        magnitude, largest, out=np.zeros_like(magnitude), where=largest > 0
    )
    return scaled
