"""Concentration of a linear probe's weights, as a metric of a code and of a given probe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim_study.config.downstream import ProbeConfig
from sim_study.metrics.contract import Metric, Sample, majority_accuracy
from sim_study.metrics.preprocess import active_dimensions, prepare
from sim_study.metrics.probe_fit import fit_probes
from sim_study.metrics.probe_weights import (
    TOP_DIMENSIONS,
    standardised_probe,
    top_k_curve,
    weight_concentration,
)


@dataclass(frozen=True)
class ProbeConcentration(Metric):
    """Probe-weight concentration of a code, from probes fitted here on standardised features.

    A study examines the probes that it trained, through `evaluate_probe_weights`; this form asks
    the same of any code, whatever its scale.
    """

    name: ClassVar[str] = "probe_weights"
    quantity_names: ClassVar[tuple[str, ...]] = (
        "hoyer",
        "gini",
        "effective_dimensions",
        "top_k_accuracy",
    )

    def compute(self, sample: Sample, seed: int) -> dict[str, float]:
        """Return each quantity as `quantity/<factor>`."""
        prepared = prepare(sample)
        values: dict[str, float] = {}
        for factor in sample.factors:
            train_labels = sample.train_factors[factor]
            if prepared.train_codes.shape[1] == 0:
                # Nothing to fit: weights of 0 on the code as it came.
                codes, test_codes = sample.train_codes, sample.test_codes
                weight = np.zeros((len(sample.classes[factor]), codes.shape[1]))
                bias = None
            else:
                codes, test_codes = prepared.train_codes, prepared.test_codes
                weights, biases = fit_probes(
                    codes,
                    train_labels[None],
                    len(sample.classes[factor]),
                    ProbeConfig(),
                    bias=True,
                    seed=seed,
                )
                weight, bias = weights[0], None if biases is None else biases[0]
            scores = probe_scores(
                weight, bias, codes, train_labels, test_codes, sample.test_factors[factor]
            )
            values |= {f"{quantity}/{factor}": value for quantity, value in scores.items()}
        return values


def probe_scores(
    weight: np.ndarray,
    bias: np.ndarray | None,
    train_codes: np.ndarray,
    train_labels: np.ndarray,
    test_codes: np.ndarray,
    test_labels: np.ndarray,
) -> dict[str, float]:
    """Measure on how few dimensions one probe rests.

    Args:
        weight: (label, dim), of a probe on the codes as given.
        bias: (label,), or None.
        train_codes: (sample, dim), unstandardised.
        train_labels: (sample,) int64.
        test_codes: (sample, dim), unstandardised.
        test_labels: (sample,) int64.

    Returns:
        `hoyer`, `gini`, `effective_dimensions`, and `top_k_accuracy`: the test accuracy
        (fraction) left when all but the 4 heaviest dimensions are held at their mean. It is an
        accuracy and not a share of the full probe's, because at chance that share is near 1.
    """
    mean, deviation = train_codes.mean(axis=0), train_codes.std(axis=0)
    active = active_dimensions(train_codes)
    deviation = np.where(active, deviation, 0.0)
    scores = weight_concentration(weight, deviation)
    if not active.any():
        return scores | {"top_k_accuracy": majority_accuracy(train_labels, test_labels)}
    standard_weight, standard_bias = standardised_probe(weight, bias, mean, deviation)
    curve = top_k_curve(
        standard_weight[:, active],
        standard_bias,
        (test_codes[:, active] - mean[active]) / deviation[active],
        test_labels,
        [TOP_DIMENSIONS],
    )
    return scores | {"top_k_accuracy": curve[TOP_DIMENSIONS]}
