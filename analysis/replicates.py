"""Values of one configuration by seed, ready to be averaged or paired."""

from __future__ import annotations

import pandas as pd

from analysis.configurations import Configuration
from analysis.metric_key import NULL_SUFFIX, MetricKey

STAGES = ("encoder", "probe", "decoder", "metrics")
"""In order of running; of a quantity that several stages report, the latest counts."""

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


def null_place(place: MetricKey) -> MetricKey:
    """Where the value that knows nothing is found: chance, silence, permuted labels."""
    if place.quantity.startswith("probe_"):
        return MetricKey("chance", place.target, "all")
    if place.quantity == "decoder_mse":
        return place._replace(quantity="decoder_mse_silence")
    return place._replace(quantity=place.quantity + NULL_SUFFIX)


def shared_seeds(a: Configuration, b: Configuration) -> tuple[list[int], str]:
    """Seeds that both configurations were asked for, and their role.

    Confirming seeds alone count where there are any: the search seeds chose the configuration.

    Returns:
        Seeds, sorted, and "confirm" or "search".
    """
    both = sorted(a.roles.keys() & b.roles.keys())
    confirming = [seed for seed in both if "confirm" in (a.roles[seed], b.roles[seed])]
    return (confirming, "confirm") if confirming else (both, "search")
