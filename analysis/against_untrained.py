"""Is an encoder that never learnt anything better? Paired by the same seeds."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.comparison import Comparison, Paired
from analysis.intervals import Interval, paired_difference
from analysis.metric_key import MetricKey, layer_title


def untrained_sentences(comparison: Comparison) -> list[str]:
    """Say where the untrained encoder's probe accuracy (mean code) exceeds both arms'.

    "Clearly" only where the 95 % intervals of both paired differences exclude 0.
    """
    clearly: list[MetricKey] = []
    on_average: list[MetricKey] = []
    for place, one in comparison.paired.items():
        if place.quantity != "probe_accuracy" or not one.untrained_seeds:
            continue
        gains = _gains(one)
        if min(gain.mean for gain in gains) <= 0:
            continue
        (clearly if all(gain.low > 0 for gain in gains) else on_average).append(place)
    arms = f"{comparison.a.arm} and {comparison.b.arm}"
    sentences = []
    if clearly:
        sentences.append(
            f"The untrained encoder's accuracy is clearly higher than that of {arms} for "
            f"{_listed(clearly)}."
        )
    if on_average:
        sentences.append(
            f"The untrained encoder's accuracy is {'also ' * bool(clearly)}higher on average, not "
            f"clearly, than that of {arms} for {_listed(on_average)}."
        )
    return sentences


def _gains(one: Paired) -> list[Interval]:
    """Untrained - a and untrained - b over the seeds that all three have."""
    seeds = one.untrained_seeds
    return [
        paired_difference([side[seed] for seed in seeds], [one.untrained[seed] for seed in seeds])
        for side in (one.a, one.b)
    ]


def _listed(places: Sequence[MetricKey]) -> str:
    by_target: dict[str, list[str]] = {}
    for place in places:
        by_target.setdefault(place.target, []).append(layer_title(place.layer))
    return "; ".join(f"{target} at {', '.join(layers)}" for target, layers in by_target.items())
