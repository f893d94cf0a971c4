"""One quantity over all of its targets and layers: one difference between two configurations."""

from __future__ import annotations

import math

import numpy as np

from analysis.statistics.bootstrap import BOOTSTRAP_FROM, bootstrap_interval, iqm
from analysis.statistics.comparison import Comparison, paired_statistics


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
