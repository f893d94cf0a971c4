"""The configured metrics of one layer, each beside what chance and rotations read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sim_study.config.probe import PENALTIES
from sim_study.metrics.aligned_twin import aligned_twin
from sim_study.metrics.alignment import TWINS, Alignment, alignments
from sim_study.metrics.contract import Measurement, Metric, Null, Sample
from sim_study.metrics.null import nulls
from sim_study.metrics.prepared import Prepared, prepare
from sim_study.metrics.registry import METRICS
from sim_study.metrics.rotation import rotated
from sim_study.metrics.rotation import rotations as draw_rotations

TOLD = METRICS["modularity_explicitness"]
"""Its explicitness says whether a code tells a factor at all."""


def evaluate(
    sample: Sample,
    names: Sequence[str],
    *,
    permutations: int,
    bins: int,
    seed: int,
    rotations: int = 0,
    penalties: Sequence[float] | None = PENALTIES,
) -> list[Measurement]:
    """Measure one layer's codes by the named metrics that need nothing but codes.

    Args:
        sample: The layer's codes and the factors to hold them against.
        names: Of the metrics; those of trained probes are passed over.
        permutations: Draws behind each null.
        bins: Equal-width bins a dimension, for mutual information.
        seed: Of the metrics' draws and of the permutations.
        rotations: Random rotations of the code, for what claims that axes go with factors; 0: none.
        penalties: Those that classifiers choose from, once, on the code and its labels: what is
            permuted and rotated is fitted by the same one. None: as before version 0.2.

    Returns:
        One measurement a metric, in the order of `names`.
    """
    metrics = [METRICS[name] for name in names if name in METRICS]
    labelled = any(metric.chance == "permuted labels" for metric in metrics)
    prepared = prepare(sample, bins, penalties if labelled else None)
    turned = [metric for metric in metrics if any(q.aligned for q in metric.quantities.values())]
    turns = rotations if prepared.train_codes.shape[1] > 1 else 0
    read_null = [*metrics, TOLD] if turned and turns else metrics
    found = nulls(read_null, prepared, permutations, seed)
    of_aligned: dict[str, dict[str, Alignment]] = {}
    if turned and turns:
        told = _told(prepared, found[-1], seed)
        of_aligned = _alignments(turned, prepared, told, turns, seed)
    measurements = []
    for metric, of_metric in zip(metrics, found, strict=False):
        reading = metric.read(prepared, seed)
        parts = {name: prepared.as_given(part) for name, part in reading.by_dimension.items()}
        measurements.append(
            Measurement(
                metric=metric.name,
                values=reading.values,
                by_dimension=parts,
                by_factor=reading.by_factor,
                nulls=of_metric,
                train_samples=len(prepared.train_codes),
                test_samples=len(prepared.test_codes),
                permutations=permutations if of_metric else 0,
                alignments=of_aligned.get(metric.name, {}),
                rotations=turns if metric.name in of_aligned else 0,
            )
        )
    return measurements


def _told(prepared: Prepared, null: Mapping[str, Null], seed: int) -> dict[str, bool]:
    """Say of each factor whether the code tells it better than all but 5 % of permuted labels."""
    values = TOLD.read(prepared, seed).values
    keys = {factor: f"explicitness/{factor}" for factor in prepared.factors}
    return {factor: values[key] > null[key].p95 for factor, key in keys.items()}


def _alignments(
    metrics: Sequence[Metric], prepared: Prepared, told: Mapping[str, bool], turns: int, seed: int
) -> dict[str, dict[str, Alignment]]:
    """Alignments by metric and key; all metrics read the same rotations and twins."""
    turned = [
        rotated(prepared, one) for one in draw_rotations(prepared.train_codes.shape[1], turns)
    ]
    twins = [*_twins(prepared)]
    return {
        metric.name: alignments(
            metric.quantities,
            metric.read(prepared, seed).values,
            [metric.read(one, seed).values for one in turned],
            [metric.read(one, seed).values for one in twins],
            told,
        )
        for metric in metrics
    }


def _twins(prepared: Prepared) -> Iterator[Prepared]:
    for seed in range(TWINS):
        train, test = aligned_twin(
            (prepared.train_codes, prepared.train_factors),
            (prepared.test_codes, prepared.test_factors),
            seed,
        )
        yield prepared.with_codes(train, test)
