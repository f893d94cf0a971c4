"""Values of one configuration by seed, ready to be averaged or paired."""

from __future__ import annotations

import pandas as pd

from analysis.read.configurations import Configuration
from sim_study.config.trial import STAGES
from sim_study.naming.metric_key import NULL_SUFFIX, MetricKey

ByPlace = dict[MetricKey, dict[int, float]]


def values_by_seed(metrics: pd.DataFrame, configuration: Configuration) -> ByPlace:
    """Collect a configuration's final values.

    Args:
        metrics: A `metric_table`.
        configuration: Whose values.

    Returns:
        For every quantity, target and layer: value by seed (unit of the quantity).
    """
    mine = metrics[
        (metrics["arm"] == configuration.arm)
        & (metrics["config_hash"] == configuration.config_hash)
    ]
    found: ByPlace = {}
    for stage in STAGES:
        rows = mine[mine["stage"] == stage]
        reported: ByPlace = {}
        places = zip(rows["quantity"], rows["target"], rows["layer"], strict=True)
        for place, seed, value in zip(places, rows["seed"], rows["value"], strict=True):
            reported.setdefault(MetricKey(*place), {})[int(seed)] = float(value)
        found |= reported  # whole places: one mean never mixes two stages
    return found


def counted(one: Configuration, values: ByPlace, place: MetricKey) -> list[float]:
    """A configuration's values at a place over the seeds that speak for it."""
    by_seed = values.get(place, {})
    return [by_seed[seed] for seed in one.counted_seeds if seed in by_seed]


def null_place(place: MetricKey) -> MetricKey:
    """Where the value that knows nothing is found: chance, silence, permuted labels."""
    if place.quantity.startswith("probe_"):
        return MetricKey("chance", place.target, "all")
    if place.quantity in ("decoder_mse", "decoder_loss"):
        return place._replace(quantity=f"{place.quantity}_silence")
    return place._replace(quantity=place.quantity + NULL_SUFFIX)


def above_null(values: ByPlace, place: MetricKey) -> dict[int, float]:
    """Subtract from a quantity its own permuted-label null, seed by seed.

    A code's null follows its size and scale, so two codes that hold nothing read differently;
    what they hold is what they read above their own nulls.

    Args:
        values: One configuration's values.
        place: The quantity's.

    Returns:
        Value - null by seed, for the seeds that have both.
    """
    nulls = values.get(null_place(place), {})
    return {seed: value - nulls[seed] for seed, value in values[place].items() if seed in nulls}


def shared_seeds(a: Configuration, b: Configuration) -> tuple[list[int], str]:
    """Seeds that both configurations were asked for, and their role.

    Confirming seeds alone count where there are any: the search seeds chose the configuration.

    Returns:
        Seeds, sorted, and their role: "confirm", "search", or "mixed" where seeds that one side
        searched with confirm the other.
    """
    both = sorted(a.roles.keys() & b.roles.keys())
    confirming = [seed for seed in both if a.roles[seed] == b.roles[seed] == "confirm"]
    if confirming:
        return confirming, "confirm"
    searching = all("confirm" not in (a.roles[seed], b.roles[seed]) for seed in both)
    return both, "search" if searching else "mixed"
