"""The configured metrics of one layer, each beside its null."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from sim_study.downstream.codes.standardise import moments
from sim_study.metrics.contract import Measurement, Null, Quantified, Reading, Sample, TrainedProbe
from sim_study.metrics.null import NullProbes, nulls, probe_nulls
from sim_study.metrics.registry import METRICS, PROBE_METRICS
from sim_study.metrics.sample import prepare


def evaluate(
    sample: Sample, names: Sequence[str], *, permutations: int, bins: int, seed: int
) -> list[Measurement]:
    """Measure one layer's codes by the named metrics that need nothing but codes.

    Args:
        sample: The layer's codes and the factors to hold them against.
        names: Of the metrics; those of trained probes are passed over.
        permutations: Draws behind each null.
        bins: Equal-width bins a dimension, for mutual information.
        seed: Of the metrics' draws and of the permutations.

    Returns:
        One measurement a metric, in the order of `names`.
    """
    prepared = prepare(sample, bins)
    metrics = [METRICS[name] for name in names if name in METRICS]
    found = nulls(metrics, prepared, permutations, seed)
    counts = len(prepared.train_codes), len(prepared.test_codes)
    measurements = []
    for metric, of_metric in zip(metrics, found, strict=True):
        reading = metric.read(prepared, seed)
        parts = {name: prepared.as_given(part) for name, part in reading.by_dimension.items()}
        reading = replace(reading, by_dimension=parts)
        measurements.append(_measurement(metric, reading, of_metric, counts, permutations))
    return measurements


def evaluate_probe(
    weight: np.ndarray,
    bias: np.ndarray | None,
    train: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    names: Sequence[str],
    *,
    permutations: int,
    seed: int,
    fit_null: NullProbes,
) -> list[Measurement]:
    """Measure a trained probe by the named metrics of probes, beside probes of permuted labels.

    Args:
        weight: (label, dim), of the trained probe, on the codes as given.
        bias: (label,), or None for a probe without bias; the null's probes follow suit.
        train: Codes (sample, dim) that the probe was fitted to, and labels (sample,) int64.
        test: The same of the part that is scored.
        names: Of the metrics; those of codes are passed over.
        permutations: Probes fitted on permuted labels, where a metric has a null.
        seed: Of the metrics' draws, of the permutations and of the null's probes.
        fit_null: Fits the null's probes as the trained one was.

    Returns:
        One measurement a metric, in the order of `names`; the caller appends `/<target>/<layer>`.
    """
    train_codes, train_labels = train[0].astype(np.float64), train[1]
    scales = moments(train_codes)
    standard_test = scales.standardise(test[0].astype(np.float64))
    probe = TrainedProbe(weight, bias, scales, train_labels, standard_test, test[1])
    metrics = [PROBE_METRICS[name] for name in names if name in PROBE_METRICS]
    found = probe_nulls(metrics, probe, train_codes, permutations, seed, fit_null)
    counts = len(train_labels), len(test[1])
    return [
        _measurement(metric, metric.read(probe, seed), of_metric, counts, permutations)
        for metric, of_metric in zip(metrics, found, strict=True)
    ]


def _measurement(
    metric: Quantified,
    reading: Reading,
    nulls_of: Mapping[str, Null],
    counts: tuple[int, int],
    permutations: int,
) -> Measurement:
    return Measurement(
        metric=metric.name,
        values=reading.values,
        by_dimension=reading.by_dimension,
        by_factor=reading.by_factor,
        nulls=nulls_of,
        train_samples=counts[0],
        test_samples=counts[1],
        permutations=permutations if nulls_of else 0,
    )
