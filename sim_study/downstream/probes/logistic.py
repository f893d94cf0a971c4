"""Multinomial logistic regression, fitted until it has converged: the readout of every layer.

What is minimised is the mean log-loss of an example plus half the penalty times the sum of squared
weights, on codes of mean 0 and variance 1. The penalty is chosen by cross-validation inside the
training part, so that an answer depends neither on the size of a layer's latents nor on a number of
steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim_study.config.identity import seed_for
from sim_study.config.probe import PENALTIES
from sim_study.downstream.codes.standardise import Moments, moments
from sim_study.downstream.probes.penalised_loss import GRADIENT, Minimum, PrincipalCodes

FOLDS = 4
CHOOSING_GRADIENT = 1e-3
"""Gradient at which fits inside the cross-validation end: by then it is settled which class comes
first. On real codes of 960 clips, with 1e-4 the final test accuracy is the same within 0.001, mean
over layers and targets, at twice the time."""


@dataclass(frozen=True)
class LogisticFit:
    """A fitted classifier.

    Args:
        standard_weight: (class, dim) float64, on codes standardised by `scales`; 0 for a class that
            the training part does not hold, and for a constant dimension.
        standard_bias: (class,) float64, likewise; zeros without a bias, and minus infinity for a
            class that the training part does not hold, which is so never named.
        scales: Mean and deviation of every dimension over the training part.
        train_accuracy: Fraction 0-1.
        penalty: The one that was chosen.
        cross_validated: Accuracy (fraction 0-1) on held-out training examples, by penalty; empty
            where there was nothing to choose.
        gradient: Largest |derivative| of what is minimised, by a standardised weight or a bias, in
            nats; 0 where there was nothing to fit.
        converged: Whether the stated gradient was reached.
    """

    standard_weight: np.ndarray
    standard_bias: np.ndarray
    scales: Moments
    train_accuracy: float
    penalty: float
    cross_validated: Mapping[float, float]
    gradient: float
    converged: bool

    @property
    def weight(self) -> np.ndarray:
        """Weights on the codes as given, (class, dim) float64."""
        varies = self.scales.varies
        weight: np.ndarray = self.standard_weight / np.where(varies, self.scales.deviation, 1.0)
        return weight

    @property
    def bias(self) -> np.ndarray:
        """Bias on the codes as given, (class,) float64: centring gives one in any case."""
        bias: np.ndarray = self.standard_bias - self.weight @ self.scales.mean
        return bias

    def scores(self, codes: np.ndarray) -> np.ndarray:
        """Return the scores (example, class) of codes as given (example, dim); softmax: odds."""
        standard = self.scales.standardise(codes.astype(np.float64))
        scores: np.ndarray = standard @ self.standard_weight.T + self.standard_bias
        return scores

    def accuracy(self, codes: np.ndarray, labels: np.ndarray) -> float:
        """Return the fraction 0-1 of codes (example, dim) as given that are named rightly."""
        return float((self.scores(codes).argmax(axis=1) == labels).mean())


def fit_logistic(
    train_x: np.ndarray,
    train_y: np.ndarray,
    groups: np.ndarray,
    classes: int,
    *,
    bias: bool = True,
    penalties: Sequence[float] = PENALTIES,
    folds: int = FOLDS,
    gradient: float = GRADIENT,
) -> LogisticFit:
    """Fit a classifier of one labelling; for several of the same codes see `LogisticProblem`.

    Args:
        train_x: (example, dim) codes, any scale.
        train_y: (example,) int64 labels, 0 .. classes - 1; not every class need occur.
        groups: (example,) int64, the spoken word or utterance that an example is of.
        classes: Number of classes.
        bias: Whether there is one, unpenalised.
        penalties: To choose from; of one there is no choice.
        folds: Parts of the cross-validation.
        gradient: See `penalised_loss.GRADIENT`.
    """
    problem = LogisticProblem(train_x, groups, folds=folds)
    return problem.fit(train_y, classes, bias=bias, penalties=penalties, gradient=gradient)


class LogisticProblem:
    """Training codes and their folds, prepared once for any number of labellings.

    All examples of a group are in the same fold. With fewer groups than folds there are as many
    folds as groups; of a single group nothing can be held out, and the strongest penalty is taken.

    Args:
        train_x: (example, dim) codes, any scale.
        groups: (example,) int64, the spoken word or utterance that an example is of.
        folds: Parts of the cross-validation.
    """

    def __init__(self, train_x: np.ndarray, groups: np.ndarray, *, folds: int = FOLDS) -> None:
        self._codes = train_x.astype(np.float64)
        self._fold_of = grouped_folds(groups, folds)
        self._whole: _Part | None = None
        self._parts: list[tuple[_Part, np.ndarray]] = []

    def fit(
        self,
        labels: np.ndarray,
        classes: int,
        *,
        bias: bool = True,
        penalties: Sequence[float] = PENALTIES,
        gradient: float = GRADIENT,
    ) -> LogisticFit:
        """Choose a penalty and fit all training examples with it.

        Of penalties that read equally well the strongest is chosen.

        Args:
            labels: (example,) int64, 0 .. classes - 1.
            classes: Number of classes.
            bias: Whether there is one.
            penalties: To choose from.
            gradient: See `penalised_loss.GRADIENT`; of the final fit.
        """
        descending = sorted(penalties, reverse=True)
        right = dict.fromkeys(descending, 0)
        loose = max(gradient, CHOOSING_GRADIENT)
        parts = self._folds() if len(descending) > 1 else []
        for part, held_out in parts:
            kept = np.ones(len(labels), bool)
            kept[held_out] = False
            path = part.path(labels[kept], classes, descending, bias, loose)
            for penalty, minimum in zip(descending, path, strict=True):
                named = part.named(minimum, self._codes[held_out])
                right[penalty] += int((named == labels[held_out]).sum())
        chosen = max(descending, key=lambda penalty: right[penalty])  # of equals, the first
        if self._whole is None:
            self._whole = _Part(self._codes)
        minimum = self._whole.path(labels, classes, [chosen], bias, gradient)[0]
        return LogisticFit(
            minimum.weight,
            minimum.bias,
            self._whole.scales,
            float((self._whole.named(minimum, self._codes) == labels).mean()),
            chosen,
            {penalty: count / len(labels) for penalty, count in right.items()} if parts else {},
            minimum.gradient,
            minimum.converged,
        )

    def _folds(self) -> list[tuple[_Part, np.ndarray]]:
        """What is fitted in every fold, and the indices of what is held out of it."""
        if not self._parts:
            for fold in range(1 + self._fold_of.max()) if self._fold_of.any() else ():
                held_out = np.flatnonzero(self._fold_of == fold)
                part = _Part(np.delete(self._codes, held_out, axis=0))
                self._parts.append((part, held_out))
        return self._parts


class _Part:
    """Codes that are fitted, (example, dim) float64: standardised by themselves."""

    def __init__(self, codes: np.ndarray) -> None:
        self.scales = moments(codes)
        self._principal = PrincipalCodes(self.scales.standardise(codes))
        self._dims = codes.shape[1]

    def path(
        self,
        labels: np.ndarray,
        classes: int,
        penalties: Sequence[float],
        bias: bool,
        gradient: float,
    ) -> list[Minimum]:
        """Fit with every penalty, strongest first, each from the minimum before."""
        seen, places = np.unique(labels, return_inverse=True)
        if len(seen) < 2:
            weight, offset = np.zeros((classes, self._dims)), np.full(classes, -np.inf)
            offset[seen] = 0.0
            return [Minimum(weight, offset, 0.0, True)] * len(penalties)
        found: list[Minimum] = []
        for penalty in penalties:
            start = found[-1] if found else None
            found.append(
                self._principal.minimise(
                    places, len(seen), penalty, bias=bias, start=start, gradient=gradient
                )
            )
        return [self._of_all(minimum, seen, classes) for minimum in found]

    def named(self, minimum: Minimum, codes: np.ndarray) -> np.ndarray:
        """Return the class (example,) int64 that codes as given are taken for."""
        scores = self.scales.standardise(codes) @ minimum.weight.T + minimum.bias
        best: np.ndarray = scores.argmax(axis=1)
        return best

    def _of_all(self, minimum: Minimum, seen: np.ndarray, classes: int) -> Minimum:
        weight, offset = np.zeros((classes, self._dims)), np.full(classes, -np.inf)
        weight[seen], offset[seen] = minimum.weight, minimum.bias
        return minimum._replace(weight=weight, bias=offset)


def grouped_folds(groups: np.ndarray, folds: int) -> np.ndarray:
    """Return the fold of every example, (example,) int64; a group is in one of them.

    Args:
        groups: (example,).
        folds: At most so many, each with as many groups as the others or one more.
    """
    names, places = np.unique(groups, return_inverse=True)
    order = np.random.default_rng(seed_for("folds")).permutation(len(names))
    of_group = np.empty(len(names), np.int64)
    of_group[order] = np.arange(len(names)) % min(folds, len(names))
    found: np.ndarray = of_group[places]
    return found
