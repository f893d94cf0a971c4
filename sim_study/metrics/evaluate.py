"""The configured metrics of one layer, each beside its permutation null."""

from __future__ import annotations

import numpy as np

from sim_study.config.metrics import MetricsConfig
from sim_study.config.probe import ProbeConfig
from sim_study.downstream.linear_probe import fit_probes
from sim_study.downstream.standardise import moments, standardise
from sim_study.metrics.contract import Sample
from sim_study.metrics.null import label_orders, null_values, permutation_null, summarise
from sim_study.metrics.preprocess import prepare, select_factors
from sim_study.metrics.probe_weights import probe_scores
from sim_study.metrics.registry import METRICS


def evaluate(sample: Sample, config: MetricsConfig, seed: int) -> dict[str, float]:
    """Measure one layer's codes by the configured metrics that need nothing but codes.

    Args:
        sample: The layer's codes and at least the configured factors.
        config: Which metrics, factors, bins, and how many permutations.
        seed: Of the metrics' draws and of the permutations.

    Returns:
        `quantity` or `quantity/target`, and the same with quantity suffixed `_null` (mean over
        permutations) and `_null_p95`; the caller appends `/<layer>`.
    """
    prepared = prepare(select_factors(sample, config.factors))
    values: dict[str, float] = {}
    for metric in [METRICS[name].configured(config) for name in config.names if name in METRICS]:
        values |= metric.compute(prepared, seed)
        values |= null_values(permutation_null(metric, prepared, config.permutations, seed))
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
    probe: ProbeConfig,
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
        probe: How the probe was fitted: the null's are fitted alike, since the protocol (few
            steps from a uniform start) leaves its own mark on the weights.

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
        probe,
        bias=bias is not None,
        seed=seed,
    )
    scales = moments(train_codes)
    standard_test = standardise(train_codes, test_codes)[1]
    scores = probe_scores(weight, bias, scales, train_labels, standard_test, test_labels)
    nulls = summarise(
        [
            probe_scores(
                weights[number],
                None if biases is None else biases[number],
                scales,
                train_relabelled[number],
                standard_test,
                test_relabelled[number],
            )
            for number in range(permutations)
        ]
    )
    return scores | null_values(nulls)
