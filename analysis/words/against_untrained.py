"""Is an encoder that never learnt anything better? Paired by the same seeds."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.statistics.comparison import Comparison, Paired
from analysis.statistics.intervals import Interval, paired_difference
from sim_study.naming.layers import layer_title
from sim_study.naming.metric_key import MetricKey


def clearly_better(comparison: Comparison) -> list[str]:
    """Say where the untrained encoder's accuracy clearly exceeds both arms': above 0 throughout."""
    places = [place for place, gains in _higher(comparison) if all(gain.low > 0 for gain in gains)]
    return _sentence(comparison, "is clearly higher than that of", places)


def better_on_average(comparison: Comparison) -> list[str]:
    """Say where it exceeds both arms' on average only."""
    places = [place for place, gains in _higher(comparison) if not all(g.low > 0 for g in gains)]
    return _sentence(comparison, "is on average, not clearly, higher than that of", places)


def _sentence(comparison: Comparison, verb: str, places: Sequence[MetricKey]) -> list[str]:
    arms = f"{comparison.a.arm} and {comparison.b.arm}"
    text = f"The untrained encoder's accuracy (mean code) {verb} {arms} for {_listed(places)}."
    return [text] if places else []


def _higher(comparison: Comparison) -> list[tuple[MetricKey, list[Interval]]]:
    """Places where the untrained encoder's mean exceeds both arms', with the paired gains."""
    found = []
    for place, one in comparison.paired.items():
        if place.quantity == "probe_accuracy" and one.untrained_seeds:
            gains = _gains(one)
            if min(gain.mean for gain in gains) > 0:
                found.append((place, gains))
    return found


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
