"""Two configurations, paired by seed: final values -> table of differences."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.read.configurations import Configuration
from analysis.read.replicates import ByPlace, above_null, null_place, shared_seeds
from analysis.statistics.intervals import (
    BOOTSTRAP_FROM,
    bootstrap_interval,
    cliffs_delta,
    hedges_g_paired,
    holm,
    iqm,
    mean_interval,
    paired_difference,
    paired_p,
    probability_of_improvement,
)
from analysis.statistics.measured import CONCENTRATION, Measured, at_chance
from analysis.statistics.power import detectable_effect
from sim_study.metrics.catalogue import COMPARED, FAMILIES, family_of
from sim_study.naming.result_keys import MetricKey, layer_order

SIGNIFICANT = 0.05
"""Holm-adjusted p below which a difference is called one."""

BySeed = Mapping[int, float]


@dataclass(frozen=True)
class Paired:
    """One quantity at one place, by seed, as it is compared.

    Args:
        a, b: The two sides over the seeds that both have; for entanglement above their own
            permuted-label nulls, where there are any.
        untrained: The untrained encoder, likewise, over all of its seeds.
        is_above_null: Whether nulls were subtracted.
    """

    a: BySeed
    b: BySeed
    untrained: BySeed
    is_above_null: bool

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


def compare_configurations(
    a: Measured, b: Measured, untrained: Measured | None = None
) -> Comparison:
    """Compare b with a, quantity by quantity, over the seeds that both have.

    Entanglement is compared above each side's own permuted-label null. A decoder's loss is left
    out where it is its MSE, which would count twice in Holm's adjustment.

    Args:
        a: What is compared with.
        b: What is compared; differences are b - a.
        untrained: The untrained encoder of b's shape, where the study has one.

    Returns:
        A comparison whose rows have the columns quantity, target, layer, family; above_null
        (whether the following are above each side's own null); a_mean, b_mean, difference, low,
        high (95 % t interval), detectable (smallest true difference found with 80 % power, given
        the spread seen), all in the quantity's unit; hedges_g, cliffs_delta, improvement
        (probability that b's value is the higher one), n, n_asked, p, p_holm; a_raw, b_raw
        (means as measured) and a_null, b_null (mean chance or permuted-label null) over the same
        seeds; a_at_chance, b_at_chance (the weights whose concentration this is read nothing
        out); untrained (mean of the untrained encoder, compared likewise) and untrained_n (over
        how many of the same seeds; 0: over other seeds).
    """
    seeds, role = shared_seeds(a.one, b.one)
    sides = (a.values, b.values)
    baseline = untrained.values if untrained else {}
    places = [place for place in {**sides[0], **sides[1]} if _is_compared(place, sides)]
    paired = {place: _pair(place, sides, baseline, seeds) for place in sorted(places, key=_order)}
    unreadable = [at_chance(side, seeds) for side in sides]
    table = pd.DataFrame(
        {**place._asdict(), "family": family_of(place.quantity), "above_null": one.is_above_null}
        | paired_statistics(one.a, one.b)
        | {"n_asked": len(seeds)}
        | _context(place, sides, one, unreadable)
        for place, one in paired.items()
    )
    if len(table):
        table["p_holm"] = math.nan
        for family in FAMILIES:
            inside = table["family"] == family
            table.loc[inside, "p_holm"] = holm(table.loc[inside, "p"].to_numpy())
    return Comparison(a.one, b.one, role, tuple(seeds), table, paired)


def paired_statistics(a: BySeed, b: BySeed) -> dict[str, float]:
    """Means, difference with interval, effect sizes and p of b - a over the same seeds."""
    before = np.array(list(a.values()), dtype=np.float64)
    after = np.array([b[seed] for seed in a], dtype=np.float64)
    difference = paired_difference(before, after)
    known = math.isfinite(difference.low)
    spread = float(np.std(after - before, ddof=1)) if known else math.nan
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
        "p": paired_p(before, after),
    }


def overall(comparison: Comparison, quantity: str) -> dict[str, float]:
    """Compare one quantity's interquartile mean over targets and layers.

    The mean of the middle half does not let one very good or very bad layer decide. A seed that
    misses a place is left out, so that every seed averages the same places. Below 20 seeds each
    seed has its own interquartile mean, and their differences a t interval; from there on it is
    taken over places and seeds at once, and the interval is a bootstrap over seeds.

    Args:
        comparison: Which configurations and seeds.
        quantity: Such as "probe_accuracy"; a place that is a mean over targets is left out.

    Returns:
        As the statistics of a comparison's row; n is 0 when there is nothing to compare.

    Source:
        Agarwal et al. (2021), Deep RL at the edge of the statistical precipice, section 4.
    """
    places = [
        one
        for place, one in comparison.paired.items()
        if place.quantity == quantity and place.target != "mean"
    ]
    seeds = [seed for seed in comparison.seeds if places and all(seed in one.a for one in places)]
    values = np.array(
        [[[one.a[seed], one.b[seed]] for seed in seeds] for one in places], dtype=np.float64
    ).reshape(len(places), len(seeds), 2)  # (place, seed, side)
    a, b = (
        {seed: iqm(values[:, column, side]) for column, seed in enumerate(seeds)} for side in (0, 1)
    )
    found = paired_statistics(a, b)
    if len(seeds) >= BOOTSTRAP_FROM:
        difference = bootstrap_interval(values, lambda x: iqm(x[..., 1]) - iqm(x[..., 0]))
        found |= {
            "a_mean": iqm(values[..., 0]),
            "b_mean": iqm(values[..., 1]),
            "difference": difference.mean,
            "low": difference.low,
            "high": difference.high,
            "detectable": math.nan,
        }
    return found


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
    )


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
