"""One configuration with what was measured of it: what tables and figures show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from analysis.read.configurations import Configuration
from analysis.read.replicates import ByPlace, null_place
from analysis.statistics.at_chance import CONCENTRATION, at_chance
from sim_study.naming.metric_key import MetricKey


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
        is_shape = place.quantity in CONCENTRATION
        return is_shape and (place.target, place.layer) in self.at_chance
