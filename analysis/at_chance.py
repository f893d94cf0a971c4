"""Where a probe reads nothing out, so that the shape of its weights says nothing either."""

from __future__ import annotations

import math
from collections.abc import Sequence

from analysis.intervals import mean_interval
from analysis.replicates import ByPlace, null_place

CONCENTRATION = ("hoyer", "gini", "effective_dimensions", "top_k_accuracy")
"""Quantities that read the weights of the probe on the sampled code."""

MARK = "†"
NOTE = f"{MARK} its probe on the sampled code is not clearly above chance: no label to concentrate"


def at_chance(values: ByPlace, seeds: Sequence[int]) -> frozenset[tuple[str, str]]:
    """Find where the probe on the sampled code is not clearly above chance.

    Args:
        values: One configuration's.
        seeds: Those that count.

    Returns:
        Targets and layers at which the 95 % interval of accuracy - chance reaches 0; where there
        is no interval (one seed, equal seeds), at which the mean is not above chance.
    """
    found = set()
    for place, by_seed in values.items():
        chance = values.get(null_place(place), {})
        paired = [seed for seed in seeds if seed in by_seed and seed in chance]
        if place.quantity != "probe_interpretability" or not paired:
            continue
        above = mean_interval([by_seed[seed] - chance[seed] for seed in paired])
        if (above.low if math.isfinite(above.low) else above.mean) <= 0:
            found.add((place.target, place.layer))
    return frozenset(found)
