"""Where a probe reads nothing out, so that the shape of its weights says nothing either."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.read.replicates import ByPlace, null_place
from sim_study.metrics.catalogue import CATALOGUE
from sim_study.naming.metric_key import MetricKey

CONCENTRATION = tuple(name for name, one in CATALOGUE.items() if one.reads_probe_weights)
"""Quantities that read the weights of the probe on the sampled code."""

MARK = "†"
NOTE = (
    f"{MARK} the probe on the sampled code, whose weights are read, is at chance: no better than "
    "95 % of probes fitted to shuffled labels"
)


def at_chance(values: ByPlace, seeds: Sequence[int]) -> frozenset[tuple[str, str]]:
    """Find where the probe on the sampled code knows no more than one of shuffled labels.

    Its accuracy scatters around chance by the luck of the test clips. The 95th percentile that
    probes of shuffled labels reach on the same clips bounds that luck; an interval over seeds
    would rather bound how differently encoders learn, and holds anything at two seeds.

    Args:
        values: One configuration's.
        seeds: Those that count.

    Returns:
        Targets and layers at which the mean accuracy over seeds does not exceed the mean of that
        percentile, or of plain chance where no metrics stage has shuffled labels.
    """
    found = set()
    for place, by_seed in values.items():
        if place.quantity != "probe_interpretability":
            continue
        shuffled = MetricKey("top_k_accuracy_null_p95", place.target, place.layer)
        limit = values.get(shuffled) or values.get(null_place(place), {})
        paired = [seed for seed in seeds if seed in by_seed and seed in limit]
        above = [by_seed[seed] - limit[seed] for seed in paired]
        if paired and float(np.mean(above)) <= 0:
            found.add((place.target, place.layer))
    return frozenset(found)
