"""One quantity over all its targets and layers: one difference a seed, with an interval."""

from __future__ import annotations

import math

import numpy as np

from analysis.read.replicates import has_chance
from analysis.statistics.comparison import Comparison, paired_statistics


def overall(comparison: Comparison, quantity: str) -> dict[str, float]:
    """Compare the mean over targets and layers of one quantity, seed by seed.

    An accuracy counts as the share of what lies between chance and 1 at its place, so that nine
    syllables and three vowels can be averaged. The mean takes every place: an interquartile mean of
    raw accuracies drops the hardest and the easiest target and shrinks a difference.

    Args:
        comparison: Which configurations and seeds.
        quantity: Such as "accuracy"; a place that is a mean over targets is left out, and an
            accuracy whose chance is unknown. A seed that misses a place is left out, so that every
            seed averages the same places.

    Returns:
        As the statistics of a comparison's row; n is 0 when there is nothing to compare.
    """
    normalised = has_chance(quantity)
    places = [
        one
        for place, one in comparison.paired.items()
        if place.quantity == quantity
        and place.target != "mean"
        and (math.isfinite(one.chance) or not normalised)
    ]
    seeds = [seed for seed in comparison.seeds if places and all(seed in one.a for one in places)]
    chance = np.array([one.chance if normalised else 0.0 for one in places])  # (place,)
    a, b = (
        {
            seed: float(
                np.mean(
                    [(values[seed] - c) / (1 - c) for values, c in zip(side, chance, strict=True)]
                )
            )
            for seed in seeds
        }
        for side in ([one.a for one in places], [one.b for one in places])
    )
    return paired_statistics(a, b)
