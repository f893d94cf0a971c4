"""The configured metrics of one trained probe, each beside what chance and rotations read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from sim_study.downstream.codes.standardise import moments
from sim_study.downstream.probes.linear_probe import majority_accuracy
from sim_study.metrics.aligned_twin import aligned_twin
from sim_study.metrics.alignment import TWINS, Alignment, alignments
from sim_study.metrics.contract import Measurement, ProbeMetric, TrainedProbe
from sim_study.metrics.measures.dimensions_kept import beats_chance
from sim_study.metrics.probe_null import NullProbes, probe_nulls
from sim_study.metrics.registry import PROBE_METRICS
from sim_study.metrics.rotation import rotated_probe, standard_form
from sim_study.metrics.rotation import rotations as draw_rotations


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
    rotations: int = 0,
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
        fit_null: Fits the null's probes, and those of aligned twins, as the trained one was.
        rotations: Random rotations of the code, for what claims that few axes carry a label; 0:
            none.

    Returns:
        One measurement a metric, in the order of `names`; the caller appends `/<target>/<layer>`.
    """
    train_codes, train_labels = train[0].astype(np.float64), train[1]
    scales = moments(train_codes)
    standard_test = scales.standardise(test[0].astype(np.float64))
    probe = TrainedProbe(weight, bias, scales, train_labels, standard_test, test[1])
    metrics = [PROBE_METRICS[name] for name in names if name in PROBE_METRICS]
    found = probe_nulls(metrics, probe, train_codes, permutations, seed, fit_null)
    of_aligned: dict[str, dict[str, Alignment]] = {}
    if rotations and scales.varies.sum() > 1:
        of_aligned = _alignments(metrics, probe, train_codes, rotations, seed, fit_null)
    measurements = []
    for metric, nulls_of in zip(metrics, found, strict=True):
        reading = metric.read(probe, seed)
        measurements.append(
            Measurement(
                metric=metric.name,
                values=reading.values,
                by_dimension=reading.by_dimension,
                by_factor=reading.by_factor,
                nulls=nulls_of,
                train_samples=len(train_labels),
                test_samples=len(test[1]),
                permutations=permutations if nulls_of else 0,
                alignments=of_aligned.get(metric.name, {}),
                rotations=rotations if metric.name in of_aligned else 0,
            )
        )
    return measurements


def _alignments(
    metrics: Sequence[ProbeMetric],
    probe: TrainedProbe,
    train_codes: np.ndarray,
    rotations: int,
    seed: int,
    fit: NullProbes,
) -> dict[str, dict[str, Alignment]]:
    """Alignments by metric and key; all metrics read the same rotations and twins."""
    standard, codes = standard_form(probe, train_codes)
    turned = [
        rotated_probe(standard, codes, one) for one in draw_rotations(codes.shape[1], rotations)
    ]
    twins = [*_twins(standard, codes, probe.bias is not None, seed, fit)]
    told = {"": _reads(standard)}
    return {
        metric.name: alignments(
            metric.quantities,
            metric.read(standard, seed).values,
            [metric.read(one, seed).values for one in turned],
            [metric.read(one, seed).values for one in twins],
            told,
        )
        for metric in metrics
    }


def _twins(
    standard: TrainedProbe, codes: np.ndarray, bias: bool, seed: int, fit: NullProbes
) -> Iterator[TrainedProbe]:
    """Yield probes fitted to aligned twins of the standardised code."""
    for number in range(TWINS):
        train, test = aligned_twin(
            (codes, {"": standard.train_labels}),
            (standard.test_codes, {"": standard.test_labels}),
            number,
        )
        weights, biases = fit(train, standard.train_labels[None], len(standard.weight), bias, seed)
        yield replace(
            standard,
            weight=weights[0],
            bias=None if biases is None else biases[0],
            scales=moments(train),
            test_codes=test,
        )


def _reads(probe: TrainedProbe) -> bool:
    """Whether a probe, as `standard_form` writes it, names test labels better than by luck."""
    scores = probe.test_codes @ probe.weight.T + (0.0 if probe.bias is None else probe.bias)
    accuracy = float(np.mean(scores.argmax(axis=1) == probe.test_labels))
    chance = majority_accuracy(probe.train_labels, probe.test_labels)
    return beats_chance(accuracy, chance, len(probe.test_labels))
