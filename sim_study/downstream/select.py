"""Which configurations deserve a closer look: the best by their mean over seeds."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from sim_study.ledger.records import Member


def rank(values: Mapping[str, Sequence[float]], expected: int, maximize: bool) -> list[str]:
    """Order configurations from best to worst by the mean objective over their seeds.

    A mean over fewer seeds is luckier, not better: a configuration of which some replicate has
    no value comes after every complete one; among the incomplete, more replicates come first.

    Args:
        values: Objective of every finished replicate, by configuration hash, in order of
            proposal; NaN counts as missing.
        expected: Replicates of a complete configuration.
        maximize: Whether a larger objective is better.

    Returns:
        Configuration hashes, best first; of equals, the earlier proposed. A configuration
        without any value has nothing to look at and is left out.
    """

    def order(config_hash: str) -> tuple[int, float]:
        scores = finite[config_hash]
        mean = math.fsum(scores) / len(scores)
        return expected - min(len(scores), expected), -mean if maximize else mean

    finite = {
        config_hash: [score for score in scores if math.isfinite(score)]
        for config_hash, scores in values.items()
    }
    return sorted((config_hash for config_hash in finite if finite[config_hash]), key=order)


def select(
    members: Sequence[Member],
    values: Mapping[str, float],
    *,
    expected: int,
    maximize: bool,
    top: int,
) -> dict[str, list[str]]:
    """Choose the best configurations of each arm on its search seeds.

    Args:
        members: The study's members; only encoders that took part in the search count.
        values: Objective of every finished encoder, by trial id.
        expected: Seeds of the search.
        maximize: Whether a larger objective is better.
        top: Configurations kept an arm.

    Returns:
        Up to `top` configuration hashes by arm, best first.
    """
    arms: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    searched = (
        member for member in members if member.stage == "encoder" and member.role == "search"
    )
    for member in sorted(searched, key=lambda member: member.number):
        scores = arms[member.arm][member.config_hash]
        if member.trial_id in values:
            scores.append(values[member.trial_id])
    return {arm: rank(scores, expected, maximize)[:top] for arm, scores in arms.items()}
