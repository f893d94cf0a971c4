"""A configuration's numbers over its seeds."""

from __future__ import annotations

import statistics
from collections.abc import Iterable

from sim_study.config.trial import STAGES
from sim_study.ledger.records import Member, Result


def over_seeds(results: Iterable[tuple[Member, Result]]) -> dict[str, float]:
    """Return mean, spread and n over the finished seeds of a configuration.

    Args:
        results: Every ended trial of the configuration with its result.

    Returns:
        For each final metric its mean under its own key and, from two seeds on, its sample
        standard deviation under `<key>_sd`; `n_seeds`, the finished encoders; `n_seeds/<stage>`
        for every later stage that has finished trials. Failed trials lower n, visibly.
    """
    finished = [(member, result) for member, result in results if result.status == "finished"]
    summary: dict[str, float] = {}
    for stage in STAGES:
        of_stage = [(member, result) for member, result in finished if member.stage == stage]
        seeds = {member.seed for member, _ in of_stage}
        values: dict[str, list[float]] = {}
        for _, result in of_stage:
            for key, value in result.metrics.items():
                values.setdefault(key, []).append(value)
        for key, sample in values.items():
            summary[key] = statistics.fmean(sample)
            summary.pop(f"{key}_sd", None)
            if len(sample) > 1:
                summary[f"{key}_sd"] = statistics.stdev(sample)
        if stage == "encoder":
            summary["n_seeds"] = len(seeds)
        elif seeds:
            summary[f"n_seeds/{stage}"] = len(seeds)
    return summary
