"""Two configurations, paired by seed: table of metrics -> table of differences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.bootstrap import iqm
from analysis.configurations import Configuration, untrained_of
from analysis.intervals import (
    cliffs_delta,
    hedges_g_paired,
    holm,
    mean_interval,
    paired_difference,
    paired_p,
    probability_of_improvement,
)
from analysis.metric_key import MetricKey, layer_order
from analysis.power import detectable_effect
from analysis.quantities import FAMILIES, QUANTITIES, family_of
from analysis.replicates import ByPlace, null_place, shared_seeds, values_by_seed

SIGNIFICANT = 0.05
"""Holm-adjusted p below which a difference is called one."""


@dataclass(frozen=True)
class Comparison:
    """b against a.

    Args:
        a, b: The configurations.
        role: "confirm" when only confirming seeds were counted, else "search".
        seeds: Shared seeds that were asked for in that role.
        rows: One row a quantity, target and layer; columns as in `compare_configurations`.
    """

    a: Configuration
    b: Configuration
    role: str
    seeds: tuple[int, ...]
    rows: pd.DataFrame

    @property
    def n(self) -> int:
        """Most seeds that any row could pair."""
        return int(self.rows["n"].max()) if len(self.rows) else 0


def compare_configurations(
    metrics: pd.DataFrame,
    a: Configuration,
    b: Configuration,
    configurations: Sequence[Configuration] = (),
) -> Comparison:
    """Compare b with a, quantity by quantity, over the seeds that both have.

    Args:
        metrics: A `metric_table`.
        a: What is compared with.
        b: What is compared; differences are b - a.
        configurations: All of the study, to find the untrained one among.

    Returns:
        A comparison whose rows have the columns quantity, target, layer, family; a_mean, b_mean,
        difference, low, high (95 % t interval), detectable (smallest true difference found with
        80 % power, given the spread seen), all in the quantity's unit; hedges_g, cliffs_delta,
        improvement (probability that b's value is the higher one), n, n_asked, p, p_holm; null
        (mean over a and b of chance or permuted labels), untrained (mean of the untrained
        encoder).
    """
    seeds, role = shared_seeds(a, b)
    values_a, values_b = values_by_seed(metrics, a), values_by_seed(metrics, b)
    untrained = untrained_of(configurations, b)
    baseline = values_by_seed(metrics, untrained) if untrained else {}
    places = [
        place
        for place in {**values_a, **values_b}
        if place.quantity in QUANTITIES and place in values_a and place in values_b
    ]
    rows = [
        {**place._asdict(), "family": family_of(place.quantity), "n_asked": len(seeds)}
        | _statistics(values_a[place], values_b[place], seeds)
        | {
            "null": _mean([values_a, values_b], null_place(place), seeds),
            "untrained": _mean([baseline], place, list(baseline.get(place, {}))),
        }
        for place in sorted(places, key=place_order)
    ]
    table = pd.DataFrame(rows)
    if rows:
        table["p_holm"] = math.nan
        for family in FAMILIES:
            inside = table["family"] == family
            table.loc[inside, "p_holm"] = holm(table.loc[inside, "p"].to_numpy())
    return Comparison(a, b, role, tuple(seeds), table)


def overall(
    metrics: pd.DataFrame, comparison: Comparison, quantity: str, targets: Sequence[str]
) -> dict[str, float]:
    """Compare one quantity's interquartile mean over targets and layers, seed by seed.

    The mean of the middle half does not let one very good or very bad layer decide. A seed that
    misses a place is left out, so that every seed averages the same places.

    Args:
        metrics: A `metric_table`.
        comparison: Which configurations and seeds.
        quantity: Such as "probe_accuracy".
        targets: Targets averaged over.

    Returns:
        As the statistics of a comparison's row.
    """
    sides = [values_by_seed(metrics, side) for side in (comparison.a, comparison.b)]
    places = [
        place
        for place in sides[0]
        if place.quantity == quantity and place.target in targets and place in sides[1]
    ]
    middle = [
        {
            seed: iqm([side[place][seed] for place in places])
            for seed in comparison.seeds
            if places and all(seed in side[place] for place in places)
        }
        for side in sides
    ]
    return _statistics(middle[0], middle[1], comparison.seeds)


def place_order(place: MetricKey) -> tuple[int, bool, str, tuple[int, str]]:
    """Sort key: quantities as listed, a mean over targets last, layers by depth."""
    return (
        QUANTITIES.index(place.quantity),
        place.target == "mean",
        place.target,
        layer_order(place.layer),
    )


def _statistics(a: dict[int, float], b: dict[int, float], seeds: Sequence[int]) -> dict[str, float]:
    paired = [seed for seed in seeds if seed in a and seed in b]
    before = np.array([a[seed] for seed in paired], dtype=np.float64)
    after = np.array([b[seed] for seed in paired], dtype=np.float64)
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
        "detectable": detectable_effect(len(paired)) * spread,
        "n": len(paired),
        "p": paired_p(before, after),
    }


def _mean(sides: Sequence[ByPlace], place: MetricKey, seeds: Sequence[int]) -> float:
    values = [side[place][seed] for side in sides for seed in seeds if seed in side.get(place, {})]
    return float(np.mean(values)) if values else math.nan
