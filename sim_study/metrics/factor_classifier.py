"""How well a linear classifier reads a factor from all dimensions together, held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim_study.downstream.probes.linear_probe import majority_accuracy
from sim_study.downstream.probes.logistic import fit_logistic
from sim_study.downstream.probes.penalised_loss import PrincipalCodes

INVERSE_PENALTY = 1.0
"""Before version 0.2: of the squared weights, against the log-loss summed over clips."""
TOLERANCE = 1e-4
"""Before version 0.2, of the solver; it left DCI disentanglement, 0.05 to 0.17 on real codes, off
by up to 0.007."""


@dataclass(frozen=True)
class FactorClassifier:
    """One factor's classifier.

    Args:
        importance: (dim,) shares of 1: absolute weights summed over classes; all 0 when there was
            nothing to fit.
        accuracy: On the test clips, fraction 0-1.
        separation: Area under the curve of each class against the others, mean over the classes
            that both parts hold, test clips; 0.5 says nothing.
        explained: Share of the factor's entropy that knowing the code takes away: 1 - the
            classifier's log-loss over that of the training frequencies, on the test clips whose
            class was seen; 0 where the classifier does worse than those frequencies, since a
            reader may ignore the code. Unlike `separation` it asks that the classifier knows how
            sure it may be, and so falls to 0 on test clips that are all displaced alike.
    """

    importance: np.ndarray
    accuracy: float
    separation: float
    explained: float


def fit_classifier(
    train_codes: np.ndarray,
    train_labels: np.ndarray,
    test_codes: np.ndarray,
    test_labels: np.ndarray,
    *,
    penalty: float | None,
) -> FactorClassifier:
    """Fit one factor's classifier: logistic regression with an L2 penalty and a bias.

    Args:
        train_codes: (sample, dim), standardised.
        train_labels: (sample,) int64.
        test_codes: (sample, dim), standardised by the training part.
        test_labels: (sample,) int64.
        penalty: Of the squared weights, against the mean log-loss, fitted until the gradient
            vanishes as the probes are; None: as before version 0.2, by `INVERSE_PENALTY`.
    """
    dims = train_codes.shape[1]
    seen, places, counts = np.unique(train_labels, return_inverse=True, return_counts=True)
    if dims == 0 or len(seen) < 2:
        majority = majority_accuracy(train_labels, test_labels)
        return FactorClassifier(np.zeros(dims), majority, separation=0.5, explained=0.0)
    if penalty is None:
        weight, log_probability = _before_version_2(train_codes, train_labels, test_codes)
    else:
        # Centred, so that the unpenalised bias is found as fast as the weights.
        mean = train_codes.mean(axis=0)
        found = PrincipalCodes(train_codes - mean).minimise(places, len(seen), penalty, bias=True)
        weight = found.weight
        log_probability = _log_softmax((test_codes - mean) @ weight.T + found.bias)
    importance = np.abs(weight).sum(axis=0)  # (dim,)
    truth = test_labels[:, None] == seen  # (sample, seen class)
    return FactorClassifier(
        importance=importance / max(importance.sum(), np.finfo(np.float64).tiny),
        accuracy=float(np.mean(seen[log_probability.argmax(axis=1)] == test_labels)),
        separation=_separation(log_probability, truth),
        explained=_explained(log_probability, np.log(counts / counts.sum()), truth),
    )


def chosen_penalty(
    codes: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    classes: int,
    penalties: Sequence[float],
) -> float:
    """Choose a penalty by cross-validation inside the training part.

    Args:
        codes: (sample, dim), standardised.
        labels: (sample,) int64.
        groups: (sample,) int64, what is held out together.
        classes: Number of classes.
        penalties: To choose from.
    """
    if len(penalties) == 1 or codes.shape[1] == 0:
        return max(penalties)
    return fit_logistic(codes, labels, groups, classes, penalties=penalties).penalty


def _before_version_2(
    train_codes: np.ndarray, train_labels: np.ndarray, test_codes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Weights (class or, of two classes, 1, dim) and log-probabilities (test sample, class)."""
    from sklearn.linear_model import LogisticRegression  # 0.7 s, for those who measure

    model = LogisticRegression(C=INVERSE_PENALTY, tol=TOLERANCE, max_iter=1000)
    model.fit(train_codes, train_labels)
    return model.coef_, model.predict_log_proba(test_codes)


def _log_softmax(scores: np.ndarray) -> np.ndarray:
    """Log-probabilities (sample, class) from scores."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    found: np.ndarray = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return found


def _separation(scores: np.ndarray, truth: np.ndarray) -> float:
    """Mean over classes of the share of pairs (one of the class, one not) in the right order."""
    from scipy.stats import rankdata

    inside = truth.sum(axis=0)  # (class,)
    outside = len(truth) - inside
    both = (inside > 0) & (outside > 0)
    if not both.any():
        return 0.5
    ranks = rankdata(scores[:, both], axis=0)  # (sample, class)
    inside, outside = inside[both], outside[both]
    ordered = (ranks * truth[:, both]).sum(axis=0) - inside * (inside + 1) / 2
    return float((ordered / (inside * outside)).mean())


def _explained(log_probability: np.ndarray, log_frequency: np.ndarray, truth: np.ndarray) -> float:
    seen = truth.any(axis=1)
    without = -(truth @ log_frequency)[seen].sum()
    if without <= 0:
        return 0.0
    left = -np.where(truth, log_probability, 0.0)[seen].sum()
    return float(np.clip(1 - left / without, 0.0, 1.0))
