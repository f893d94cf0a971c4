"""By how much luck flatters a configuration that was chosen by the seeds that judge it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from analysis.read.configurations import Configuration
from analysis.read.study import StudyRecord
from sim_study.naming.result_keys import parse_key


def optimism(study: StudyRecord, winner: Configuration) -> float:
    """Estimate the optimism of a winner's objective.

    Args:
        study: The study; its first objective chose.
        winner: An arm's winner.

    Returns:
        In the objective's unit, positive where its mean is too good; NaN where it is unknown:
        below two search seeds that all configurations of the arm have, or without an objective.
    """
    if not study.facts.objective:
        return math.nan
    objective = study.facts.objective[0]
    rivals = [one for one in study.configurations if one.arm == winner.arm]
    place = parse_key(objective.metric)
    scores = {one.key: study.values(one).get(place, {}) for one in rivals}
    seeds = [seed for seed in winner.seeds("search") if all(seed in of for of in scores.values())]
    table = {key: [of[seed] * objective.sign for seed in seeds] for key, of in scores.items()}
    return flattery(list(table.values()))


def flattery(scores: Sequence[Sequence[float]]) -> float:
    """Difference of the best mean and of what leaving one seed out chooses.

    Every seed in turn judges the configuration that the other seeds choose. It neither chose that
    nor is flattered; with one seed less, the choice is slightly worse than the winner, so that the
    difference errs to the large side.

    Args:
        scores: (configuration, seed) values, more is better.

    Returns:
        In the unit of the values; NaN below two seeds.
    """
    table = np.asarray(scores, dtype=np.float64)  # (configuration, seed)
    seeds = table.shape[1] if table.ndim == 2 else 0
    if seeds < 2:
        return math.nan
    others = (table.sum(axis=1, keepdims=True) - table) / (seeds - 1)  # (configuration, seed)
    honest = table[others.argmax(axis=0), np.arange(seeds)]  # (seed,)
    return float(table.mean(axis=1).max() - honest.mean())
