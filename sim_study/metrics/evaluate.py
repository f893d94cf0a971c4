"""The configured metrics of one layer, each beside its null."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sim_study.downstream.codes.standardise import moments, standardise
from sim_study.metrics.contract import Reading, Result, Sample
from sim_study.metrics.measures.probe_weights import probe_scores, weight_shares
from sim_study.metrics.null import label_orders, nulls, summarise
from sim_study.metrics.null_probes import NullProbes
from sim_study.metrics.preprocess import prepare
from sim_study.metrics.registry import METRICS


def evaluate(
    sample: Sample, names: Sequence[str], *, permutations: int, bins: int, seed: int
) -> list[Result]:
    """Measure one layer's codes by the named metrics that need nothing but codes.

    Args:
        sample: The layer's codes and the factors to hold them against.
        names: Of the metrics; those that need more than codes are passed over.
        permutations: Draws behind each null.
        bins: Equal-width bins a dimension, for mutual information.
        seed: Of the metrics' draws and of the permutations.

    Returns:
        One result a metric, in the order of `names`.
    """
    prepared = prepare(sample, bins)
    metrics = [METRICS[name] for name in names if name in METRICS]
    found = nulls(metrics, prepared, permutations, seed)
    results = []
    for metric, of_metric in zip(metrics, found, strict=True):
        reading = metric.read(prepared, seed)
        results.append(
            Result(
                metric=metric.name,
                values=reading.values,
                by_dimension=as_given(reading, prepared.dimensions, prepared.given),
                by_factor=reading.by_factor,
                nulls=of_metric,
                train_samples=len(prepared.train_codes),
                test_samples=len(prepared.test_codes),
                permutations=permutations if of_metric else 0,
            )
        )
    return results


def as_given(reading: Reading, dimensions: np.ndarray, given: int) -> Mapping[str, np.ndarray]:
    """Return a reading's parts in the order of the given dimensions, NaN for inactive ones."""
    found = {}
    for name, part in reading.by_dimension.items():
        placed = np.full((given, *part.shape[1:]), np.nan)
        placed[dimensions] = part
        found[name] = placed
    return found


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
    fit_null: NullProbes,
) -> Result:
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
        fit_null: Fits the null's probes as the trained one was.

    Returns:
        `hoyer`, `gini`, `effective_dimensions`, `top_k_accuracy`; the caller appends
        `/<target>/<layer>`.
    """
    train_codes = train_codes.astype(np.float64)
    test_codes = test_codes.astype(np.float64)
    train_relabelled = train_labels[label_orders(len(train_labels), permutations, seed, "train")]
    test_relabelled = test_labels[label_orders(len(test_labels), permutations, seed, "test")]
    weights, biases = fit_null(train_codes, train_relabelled, len(weight), bias is not None, seed)
    scales = moments(train_codes)
    standard_test = standardise(train_codes, test_codes)[1]
    scores = probe_scores(weight, bias, scales, train_labels, standard_test, test_labels)
    found = summarise(
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
    return Result(
        metric="probe_weights",
        values=scores,
        by_dimension={"share": weight_shares(weight, scales.deviation)},
        by_factor={},
        nulls=found,
        train_samples=len(train_codes),
        test_samples=len(test_codes),
        permutations=permutations,
    )
