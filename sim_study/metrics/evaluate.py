"""The configured metrics of one layer, each beside its permutation null."""

from __future__ import annotations

import numpy as np

from sim_study.config.downstream import MetricsConfig, ProbeConfig
from sim_study.metrics.contract import Sample
from sim_study.metrics.null import label_orders, null_values, permutation_null, summarise
from sim_study.metrics.preprocess import draw, select_factors
from sim_study.metrics.probe_concentration import probe_scores
from sim_study.metrics.probe_fit import fit_probes
from sim_study.metrics.registry import METRICS

NOT_FROM_CODES = ("probe_weights", "rates")
"""Metrics that need more than codes: the trained probe's weights, the encoder's posteriors."""


def evaluate(
    sample: Sample, config: MetricsConfig, seed: int, *, samples: int | None = None
) -> dict[str, float]:
    """Measure one layer's codes by the configured metrics that need nothing but codes.

    Args:
        sample: The layer's codes and at least the configured factors.
        config: Which metrics, factors, bins, and how many permutations.
        seed: Of the metrics' draws and of the permutations.
        samples: Training clips to use, drawn at random; None for all.

    Returns:
        `quantity` or `quantity/target`, and the same with quantity suffixed `_null` (mean over
        permutations) and `_null_p95`; the caller appends `/<layer>`.
    """
    sample = select_factors(sample, config.factors)
    if samples is not None:
        sample = draw(sample, samples, seed)
    values: dict[str, float] = {}
    for name in config.names:
        if name in NOT_FROM_CODES:
            continue
        metric = METRICS[name].configured(config)
        values |= metric.compute(sample, seed)
        values |= null_values(permutation_null(metric, sample, config.permutations, seed))
    return values


def evaluate_probe_weights(
    weight: np.ndarray,
    bias: np.ndarray | None,
    train_codes: np.ndarray,
    train_labels: np.ndarray,
    test_codes: np.ndarray,
    test_labels: np.ndarray,
    seed: int,
    permutations: int,
    *,
    probe: ProbeConfig | None = None,
) -> dict[str, float]:
    """Measure on how few dimensions a trained probe rests, beside probes of permuted labels.

    Args:
        weight: (label, dim), of the trained probe, on the codes as given.
        bias: (label,), or None for a probe without bias; the null's probes follow suit.
        train_codes: (sample, dim), the features that the probe was fitted to.
        train_labels: (sample,) int64.
        test_codes: (sample, dim).
        test_labels: (sample,) int64.
        seed: Of the permutations and of the null's probes.
        permutations: Probes fitted on permuted labels.
        probe: How the probe was fitted, so that the null's are fitted alike; None: the defaults.

    Returns:
        `hoyer`, `gini`, `effective_dimensions`, `top_k_accuracy`, and each suffixed `_null` and
        `_null_p95`; the caller appends `/<target>/<layer>`.
    """
    train_codes = train_codes.astype(np.float64)
    test_codes = test_codes.astype(np.float64)
    train_relabelled = train_labels[label_orders(len(train_labels), permutations, seed, "train")]
    test_relabelled = test_labels[label_orders(len(test_labels), permutations, seed, "test")]
    weights, biases = fit_probes(
        train_codes,
        train_relabelled,
        len(weight),
        probe or ProbeConfig(),
        bias=bias is not None,
        seed=seed,
    )
    nulls = summarise(
        [
            probe_scores(
                weights[number],
                None if biases is None else biases[number],
                train_codes,
                train_relabelled[number],
                test_codes,
                test_relabelled[number],
            )
            for number in range(permutations)
        ]
    )
    scores = probe_scores(weight, bias, train_codes, train_labels, test_codes, test_labels)
    return scores | null_values(nulls)
