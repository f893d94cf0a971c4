"""Logistic regression with a squared penalty, fitted by L-BFGS."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

LINE_SEARCH_STEPS = 50
SMALLEST_DECREASE = 64 * np.finfo(np.float64).eps
"""Of the loss in one iteration, as a fraction of it; less ends the fit."""


class Logistic(NamedTuple):
    """A fitted classifier.

    Args:
        classes: (class,) the labels that the fitted part holds, ascending.
        weight: (class, dim) float64.
        bias: (class,) float64.
    """

    classes: np.ndarray
    weight: np.ndarray
    bias: np.ndarray

    def accuracy(self, features: np.ndarray, labels: np.ndarray) -> float:
        """Return the fraction 0-1 of clips (clip, dim) whose most likely class is the label."""
        scores = features @ self.weight.T + self.bias  # (N, class)
        return float(np.mean(self.classes[scores.argmax(axis=1)] == labels))


def fit_logistic(
    features: np.ndarray,
    labels: np.ndarray,
    *,
    inverse_penalty: float,
    tolerance: float,
    iterations: int,
) -> Logistic:
    """Minimise the mean cross-entropy plus |weight|^2 / (2 * inverse_penalty * clips).

    The objective, the algorithm and when it stops are scikit-learn's, which takes 0.7 s to import
    in every worker, before the first step of the first training.

    Args:
        features: (clip, dim), standardised; computed in double precision.
        labels: (clip,) int64, at least two different.
        inverse_penalty: Of the squared weights, against the log-loss summed over clips.
        tolerance: Largest entry of the gradient at which the fit ends.
        iterations: After so many it ends, converged or not.

    Source:
        Byrd, Lu, Nocedal & Zhu (1995), a limited memory algorithm for bound constrained
        optimization, as in SciPy.
    """
    # SciPy, too, is imported when it is needed: the driver never needs it.
    from scipy.optimize import minimize

    classes, codes = np.unique(labels, return_inverse=True)
    clips, dims = features.shape
    inputs = np.ones((clips, dims + 1))  # the bias is a weight on ones
    inputs[:, :dims] = features
    rows = np.arange(clips)
    penalty = 1 / (inverse_penalty * clips)
    if len(classes) == 2:
        penalty *= 2  # then it weighs the difference of the two rows, all that can be told apart

    def loss_and_slope(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weight = flat.reshape(len(classes), dims + 1)
        scores = inputs @ weight.T  # (N, class)
        scores -= scores.max(axis=1, keepdims=True)
        own = scores[rows, codes]
        shares = np.exp(scores, out=scores)
        totals = shares.sum(axis=1)
        loss = float((np.log(totals) - own).mean())
        shares /= totals[:, None] * clips
        shares[rows, codes] -= 1 / clips
        slope = shares.T @ inputs  # (class, dim + 1)
        slope[:, :dims] += penalty * weight[:, :dims]
        loss += penalty / 2 * float(np.square(weight[:, :dims]).sum())
        return loss, slope.ravel()

    found = minimize(
        loss_and_slope,
        np.zeros(len(classes) * (dims + 1)),
        jac=True,
        method="L-BFGS-B",
        options={
            "maxiter": iterations,
            "maxls": LINE_SEARCH_STEPS,
            "gtol": tolerance,
            "ftol": SMALLEST_DECREASE,
        },
    )
    weight = found.x.reshape(len(classes), dims + 1)
    return Logistic(classes, weight[:, :dims], weight[:, dims])
