"""Two configurations, paired by seed: final values -> table of differences."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.read.configurations import Configuration
from analysis.read.replicates import (
    PAPERS,
    ByPlace,
    above_null,
    has_chance,
    null_place,
    shared_seeds,
)
from analysis.statistics.difference import paired, welch
from analysis.statistics.intervals import (
    cliffs_delta,
    hedges_g_paired,
    mean_interval,
    probability_of_improvement,
)
from analysis.statistics.measured import CONCENTRATION, Measured, at_chance
from analysis.statistics.power import detectable_effect
from analysis.statistics.several import false_discovery_rate
from sim_study.metrics.catalogue import COMPARED, family_of
from sim_study.naming.result_keys import MetricKey, layer_order

DISCOVERED = 0.05
"""False discovery rate below which an exploratory difference is pointed at."""

BySeed = Mapping[int, float]


@dataclass(frozen=True)
class Paired:
    """One quantity at one place, by seed, as it is compared.

    Args:
        a, b: The two sides over the seeds that both have; for entanglement above their own
            permuted-label nulls, where there are any.
        untrained: The untrained encoder, likewise, over all of its seeds.
        is_above_null: Whether nulls were subtracted.
        chance: What naming the most frequent class reads of a probe's target, mean over seeds; NaN
            for what is no accuracy of a probe.
    """

    a: BySeed
    b: BySeed
    untrained: BySeed
    is_above_null: bool
    chance: float = math.nan

    @property
    def untrained_seeds(self) -> list[int]:
        """Seeds for which the untrained encoder can be paired too."""
        return sorted(self.a.keys() & self.untrained.keys())


@dataclass(frozen=True)
class Comparison:
    """b against a.

    Args:
        a, b: The configurations.
        role: "confirm" when only confirming seeds were counted, "search" when only searching
            ones, else "mixed".
        seeds: Shared seeds that were asked for in that role.
        rows: One row a quantity, target and layer; columns as in `compare_configurations`.
        paired: The values behind each row.
    """

    a: Configuration
    b: Configuration
    role: str
    seeds: tuple[int, ...]
    rows: pd.DataFrame
    paired: Mapping[MetricKey, Paired]

    @property
    def n(self) -> int:
        """Most seeds that any row could pair."""
        return int(self.rows["n"].max()) if len(self.rows) else 0

    def leading(self, quantity: str) -> str:
        """The quantity that stands for `quantity` here: where there is none, the paper's."""
        there = any(place.quantity == quantity for place in self.paired)
        return quantity if there else PAPERS[quantity]


def compare_configurations(
    a: Measured, b: Measured, untrained: Measured | None = None
) -> Comparison:
    """Compare b with a, quantity by quantity, over the seeds that both have; all is exploratory.

    An entanglement measure is compared above each side's own permuted-label null, its alignment as
    it is. A decoder's loss is left out where it is its MSE, which would count twice.

    Args:
        a: What is compared with.
        b: What is compared; differences are b - a.
        untrained: The untrained encoder of b's shape, where the study has one.

    Returns:
        A comparison whose rows have the columns quantity, target, layer, family; above_null
        (whether the following are above each side's own null); a_mean, b_mean, difference, low,
        high (95 % t interval), detectable (smallest true difference found with 80 % power, given
        the spread seen, by this test alone), all in the quantity's unit; hedges_g, cliffs_delta,
        improvement (probability that b's value is the higher one), n, n_asked, p (paired t test),
        welch_low, welch_high, welch_p (as if seeds shared nothing), p_fdr (of p, over all
        rows); a_raw, b_raw
        (means as measured) and a_null, b_null (mean chance or permuted-label null) over the same
        seeds; a_at_chance, b_at_chance (the weights whose concentration this is read nothing
        out); untrained (mean of the untrained encoder, compared likewise) and untrained_n (over
        how many of the same seeds; 0: over other seeds).
    """
    seeds, role = shared_seeds(a.one, b.one)
    sides = (a.values, b.values)
    baseline = untrained.values if untrained else {}
    places = [place for place in {**sides[0], **sides[1]} if _is_compared(place, sides)]
    values = {place: _pair(place, sides, baseline, seeds) for place in sorted(places, key=_order)}
    unreadable = [at_chance(side, seeds) for side in sides]
    table = pd.DataFrame(
        {**place._asdict(), "family": family_of(place.quantity), "above_null": one.is_above_null}
        | paired_statistics(one.a, one.b)
        | {"n_asked": len(seeds)}
        | _context(place, sides, one, unreadable)
        for place, one in values.items()
    )
    if len(table):
        table["p_fdr"] = false_discovery_rate(table["p"].to_numpy())
    return Comparison(a.one, b.one, role, tuple(seeds), table, values)


def paired_statistics(a: BySeed, b: BySeed) -> dict[str, float]:
    """Means, difference with interval, effect sizes and p of b - a over the same seeds."""
    before = np.array(list(a.values()), dtype=np.float64)
    after = np.array([b[seed] for seed in a], dtype=np.float64)
    by_seed, by_arm = paired(before, after), welch(before, after)
    difference, unpaired = by_seed.interval(), by_arm.interval()
    spread = by_seed.error * math.sqrt(by_seed.n)
    return {
        "a_mean": mean_interval(before).mean,
        "b_mean": mean_interval(after).mean,
        "difference": difference.mean,
        "low": difference.low,
        "high": difference.high,
        "hedges_g": hedges_g_paired(before, after),
        "cliffs_delta": cliffs_delta(before, after),
        "improvement": probability_of_improvement(before, after),
        "detectable": detectable_effect(len(before)) * spread,
        "n": len(before),
        "p": by_seed.p,
        "welch_low": unpaired.low,
        "welch_high": unpaired.high,
        "welch_p": by_arm.p,
    }


def _is_compared(place: MetricKey, sides: Sequence[ByPlace]) -> bool:
    is_its_mse = place.quantity == "decoder_loss" and place.target == "mse"
    return place.quantity in COMPARED and all(place in side for side in sides) and not is_its_mse


def _pair(
    place: MetricKey, sides: Sequence[ByPlace], untrained: ByPlace, seeds: Sequence[int]
) -> Paired:
    relative = family_of(place.quantity) == "entanglement" and all(
        null_place(place) in side for side in sides
    )

    def compared(side: ByPlace) -> BySeed:
        return above_null(side, place) if relative else side.get(place, {})

    a, b = (compared(side) for side in sides)
    both = [seed for seed in seeds if seed in a and seed in b]
    return Paired(
        a={seed: a[seed] for seed in both},
        b={seed: b[seed] for seed in both},
        untrained=compared(untrained),
        is_above_null=relative,
        chance=_chance(place, sides, both),
    )


def _chance(place: MetricKey, sides: Sequence[ByPlace], seeds: Sequence[int]) -> float:
    if not has_chance(place.quantity):
        return math.nan
    found = [side.get(null_place(place), {}) for side in sides]
    known = [of[seed] for of in found for seed in seeds if seed in of]
    return float(np.mean(known)) if known else math.nan


def _order(place: MetricKey) -> tuple[int, bool, str, tuple[int, str]]:
    """Sort key: quantities as listed, a mean over targets last, layers by depth."""
    return (
        COMPARED.index(place.quantity),
        place.target == "mean",
        place.target,
        layer_order(place.layer),
    )


def _context(
    place: MetricKey,
    sides: Sequence[ByPlace],
    one: Paired,
    unreadable: Sequence[frozenset[tuple[str, str]]],
) -> dict[str, Any]:
    """What the difference stands beside: values before any null was subtracted, and the nulls."""

    def mean(values: BySeed, seeds: Iterable[int]) -> float:
        found = [values[seed] for seed in seeds if seed in values]
        return float(np.mean(found)) if found else math.nan

    same = one.untrained_seeds
    is_shape = place.quantity in CONCENTRATION
    return {
        **{
            f"{side}_{kind}": mean(values.get(where, {}), one.a)
            for side, values in zip("ab", sides, strict=True)
            for kind, where in (("raw", place), ("null", null_place(place)))
        },
        "a_at_chance": is_shape and place[1:] in unreadable[0],
        "b_at_chance": is_shape and place[1:] in unreadable[1],
        "untrained": mean(one.untrained, same or one.untrained),
        "untrained_n": len(same),
    }
