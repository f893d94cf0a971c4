"""Values of configurations by seed, ready to be averaged or paired."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.read.configurations import Configuration
from analysis.read.runs import Run
from sim_study.config.trial import STAGES
from sim_study.naming.result_keys import NULL_SUFFIX, MetricKey, parse_key

ByPlace = dict[MetricKey, dict[int, float]]

PAPERS = {"accuracy": "probe_accuracy", "accuracy_sampled": "probe_interpretability"}
"""Accuracies of converged probes, and those of the paper's probes that stand for them in studies
that have no converged ones."""


def has_chance(quantity: str) -> bool:
    """Whether a quantity is read by a probe of a target, so that its chance is the target's."""
    return quantity in PAPERS or quantity.startswith("probe_")


def leading(quantity: str, *sides: ByPlace) -> str:
    """The quantity that stands for `quantity` in these configurations: itself, or the paper's."""
    papers = PAPERS.get(quantity, quantity)
    known = [{place.quantity for place in side} for side in sides]
    both = known and all(quantity in names for names in known)
    return quantity if both or not all(papers in names for names in known) else papers


def values_by_configuration(runs: Sequence[Run]) -> dict[tuple[str, str], ByPlace]:
    """Collect the final values of every configuration from its finished trials.

    Returns:
        By arm and configuration hash, then by quantity, target and layer: value by seed (unit of
        the quantity).
    """
    found: dict[tuple[str, str], ByPlace] = {}
    for stage in STAGES:
        reported: dict[tuple[str, str], ByPlace] = {}
        for run in runs:
            if run.result and run.status == "finished" and run.member.stage == stage:
                mine = reported.setdefault(run.key, {})
                for key, value in run.result.metrics.items():
                    mine.setdefault(parse_key(key), {})[run.encoder.seed] = value
        for name, by_place in reported.items():
            found.setdefault(name, {}).update(by_place)  # one mean never mixes two stages
    return found


def null_place(place: MetricKey) -> MetricKey:
    """Where the value that knows nothing is found: chance, silence, permuted labels."""
    if has_chance(place.quantity):
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
    return {
        seed: value - nulls[seed] for seed, value in values.get(place, {}).items() if seed in nulls
    }


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
