"""What a metric reads when the code has nothing to do with the factors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from sim_study.metrics.contract import Metric, Prepared


class Null(NamedTuple):
    """Mean and 95th percentile over permutations.

    With the usual ten permutations the percentile lies between the two largest values.
    """

    mean: float
    p95: float


def permutation_null(
    metric: Metric, sample: Prepared, permutations: int, seed: int
) -> dict[str, Null]:
    """Measure a metric with clips and labels torn apart.

    All factors of a clip move together, so the factors keep their relation to one another.

    Args:
        metric: The metric.
        sample: Codes and factors.
        permutations: How many times to permute.
        seed: Draws the permutations, and the metric's own draws under each.

    Returns:
        The null by the metric's own keys.
    """
    train_orders = label_orders(len(sample.train_codes), permutations, seed, "train")
    test_orders = label_orders(len(sample.test_codes), permutations, seed, "test")
    return summarise(
        [
            metric.compute(
                replace(
                    sample,
                    train_factors={k: v[train] for k, v in sample.train_factors.items()},
                    test_factors={k: v[test] for k, v in sample.test_factors.items()},
                ),
                seed + number,
            )
            for number, (train, test) in enumerate(zip(train_orders, test_orders, strict=True))
        ]
    )


def label_orders(samples: int, permutations: int, seed: int, part: str) -> np.ndarray:
    """Draw orders of the labels of one part ("train" or "test").

    Returns:
        (permutation, sample) int64.
    """
    generator = np.random.default_rng([seed, ("train", "test").index(part)])
    return np.stack([generator.permutation(samples) for _ in range(permutations)])


def summarise(values: Sequence[Mapping[str, float]]) -> dict[str, Null]:
    """Summarise what a metric read under each permutation, key by key."""
    columns = {key: np.array([row[key] for row in values]) for key in values[0]}
    return {
        key: Null(float(column.mean()), float(np.quantile(column, 0.95)))
        for key, column in columns.items()
    }


def null_values(nulls: Mapping[str, Null]) -> dict[str, float]:
    """Return the nulls under result keys: "mig/vowel" gives "mig_null/vowel" and its p95."""
    values = {}
    for key, null in nulls.items():
        quantity, slash, target = key.partition("/")
        values[f"{quantity}_null{slash}{target}"] = null.mean
        values[f"{quantity}_null_p95{slash}{target}"] = null.p95
    return values
