"""One configuration with what was measured of it: what tables and figures show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.read.configurations import Configuration
from analysis.read.replicates import ByPlace, leading, null_place
from sim_study.metrics.catalogue import CATALOGUE
from sim_study.naming.result_keys import MetricKey

CONCENTRATION = tuple(name for name, one in CATALOGUE.items() if one.reads_probe_weights)
"""Quantities that read the weights of the probe on the sampled code."""

MARK = "†"
NOTE = (
    f"{MARK} the probe on the sampled code, whose weights are read, is at chance: no better than "
    "95 % of probes fitted to shuffled labels"
)


@dataclass(frozen=True, eq=False)
class Measured:
    """A configuration and its final values.

    Args:
        one: The configuration.
        values: By quantity, target and layer, then by seed, of all of its seeds.
    """

    one: Configuration
    values: ByPlace

    def counted(self, place: MetricKey) -> list[float]:
        """Values at a place over the seeds that speak for the configuration."""
        by_seed = self.values.get(place, {})
        return [by_seed[seed] for seed in self.one.counted_seeds if seed in by_seed]

    def nulls(self, place: MetricKey) -> list[float]:
        """What a place reads when nothing is known, over the same seeds."""
        return self.counted(null_place(place))

    @cached_property
    def at_chance(self) -> frozenset[tuple[str, str]]:
        """Targets and layers whose probe on the sampled code knows nothing."""
        return at_chance(self.values, self.one.counted_seeds)

    def reads_chance(self, place: MetricKey) -> bool:
        """Whether a place describes the weights of a probe that knows nothing."""
        return place.quantity in CONCENTRATION and place[1:] in self.at_chance


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
    sampled = leading("accuracy_sampled", values)
    for place, by_seed in values.items():
        if place.quantity != sampled:
            continue
        shuffled = MetricKey("top_k_accuracy_null_p95", place.target, place.layer)
        limit = values.get(shuffled) or values.get(null_place(place), {})
        paired = [seed for seed in seeds if seed in by_seed and seed in limit]
        above = [by_seed[seed] - limit[seed] for seed in paired]
        if paired and float(np.mean(above)) <= 0:
            found.add((place.target, place.layer))
    return frozenset(found)
