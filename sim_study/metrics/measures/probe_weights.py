"""On how few dimensions do a linear probe's weights rest?"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sim_study.downstream.codes.standardise import Moments
from sim_study.downstream.probes.linear_probe import majority_accuracy

TOP_DIMENSIONS = 4
"""Dimensions kept for the scalar `top_k_accuracy`."""


def probe_scores(
    weight: np.ndarray,
    bias: np.ndarray | None,
    scales: Moments,
    train_labels: np.ndarray,
    test_codes: np.ndarray,
    test_labels: np.ndarray,
) -> dict[str, float]:
    """Measure on how few dimensions one probe rests.

    Args:
        weight: (label, dim), of a probe on codes that were not standardised.
        bias: (label,), or None.
        scales: Mean and deviation of every dimension over the training clips.
        train_labels: (sample,) int64.
        test_codes: (sample, dim), standardised by `scales`.
        test_labels: (sample,) int64.

    Returns:
        `hoyer`, `gini`, `effective_dimensions`, and `top_k_accuracy`: the test accuracy
        (fraction) left when all but the 4 heaviest dimensions are held at their mean. It is an
        accuracy and not a share of the full probe's, because at chance that share is near 1.
        Without active dimensions, it is that of naming the most frequent training class.
    """
    scores = weight_concentration(weight, scales.deviation)
    if not scales.varies.any():
        return scores | {"top_k_accuracy": majority_accuracy(train_labels, test_labels)}
    standard_weight, standard_bias = standardised_probe(weight, bias, scales)
    curve = top_k_curve(standard_weight, standard_bias, test_codes, test_labels, [TOP_DIMENSIONS])
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


def weight_shares(weight: np.ndarray, feature_std: np.ndarray) -> np.ndarray:
    """Return every dimension's share in the variance of each label's logit.

    Args:
        weight: (label, dim), of a probe on unstandardised features.
        feature_std: (dim,) standard deviation of each feature over the training clips.

    Returns:
        (dim, label), columns of sum 1; zeros for a label without any weight.
    """
    variance = (contrasts(weight) * feature_std) ** 2  # (label, dim)
    total = variance.sum(axis=1, keepdims=True)
    shares: np.ndarray = np.divide(variance, total, out=np.zeros_like(variance), where=total > 0)
    return shares.T


def contrasts(weight: np.ndarray) -> np.ndarray:
    """Return each label's weights relative to the mean over labels.

    A vector added to every label's weights shifts all logits alike, and softmax does not see it:
    no gradient ever removes what the random start put there, and it tells nothing of a label.

    Args:
        weight: (label, dim).

    Returns:
        (label, dim), of mean 0 over labels.
    """
    relative: np.ndarray = weight - weight.mean(axis=0)
    return relative


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
    weight: np.ndarray, bias: np.ndarray | None, scales: Moments
) -> tuple[np.ndarray, np.ndarray]:
    """Rewrite a probe so that it gives the same logits from standardised features.

    Args:
        weight: (label, dim).
        bias: (label,), or None.
        scales: Mean and deviation of every dimension over the training clips.

    Returns:
        Weight (label, dim) and bias (label,).
    """
    offset = weight @ scales.mean
    return weight * scales.deviation, offset if bias is None else bias + offset


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


def heaviest_dimensions(weight: np.ndarray) -> np.ndarray:
    """Rank dimensions by what a probe gives them, heaviest first.

    By absolute weights relative to the mean over labels (see `contrasts`), each label's rescaled
    to a largest of 1, summed over labels, so that all labels count alike.

    Args:
        weight: (label, dim), of a probe on standardised features, see `standardised_probe`.

    Returns:
        (dim,) indices.
    """
    return np.argsort(-_of_largest(np.abs(contrasts(weight))).sum(axis=0), kind="stable")


def _of_largest(magnitude: np.ndarray) -> np.ndarray:
    """Each row as a fraction of its largest entry; a zero row stays zero."""
    largest = magnitude.max(axis=1, keepdims=True)
    scaled: np.ndarray = np.divide(
        magnitude, largest, out=np.zeros_like(magnitude), where=largest > 0
    )
    return scaled
