"""A linear probe of one target on one layer's codes, and what it is scored on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim_study.downstream.codes.standardise import Moments


@dataclass(frozen=True)
class TrainedProbe:
    """A linear probe of one target on one layer's codes, and what it is scored on.

    Args:
        weight: (label, dim), on the codes as given.
        bias: (label,), or None for a probe without one.
        scales: Mean and deviation of every dimension over the training part.
        train_labels: (sample,) int64.
        test_codes: (sample, dim) float64, standardised by `scales`.
        test_labels: (sample,) int64.
    """

    weight: np.ndarray
    bias: np.ndarray | None
    scales: Moments
    train_labels: np.ndarray
    test_codes: np.ndarray
    test_labels: np.ndarray
