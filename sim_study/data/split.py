"""A validation part of the training split that shares no recording with the rest."""

from __future__ import annotations

import numpy as np

from sim_study.config.identity import seed_for


HELD_OUT_SEED = 0
"""Draws what online probes score and supervised encoders never learn from: the same everywhere."""


def split_by_group(
    groups: np.ndarray, validation_fraction: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Split clips so that no group is on both sides.

    Args:
        groups: (clip,) which spoken word or utterance a clip was cut from.
        validation_fraction: Fraction 0-1 of the groups held out; at least one group stays on
            each side.
        seed: Draws the groups.

    Returns:
        Indices of the fitted and of the held-out clips, each ascending.

    Raises:
        ValueError: There are fewer than two groups.
    """
    names = np.unique(groups)
    if len(names) < 2:
        raise ValueError(f"a split by group needs at least 2 groups, not {len(names)}")
    held_out = min(max(round(validation_fraction * len(names)), 1), len(names) - 1)
    order = np.random.default_rng(seed_for("online_probe", seed)).permutation(names)
    is_validation = np.isin(groups, order[:held_out])
    return np.flatnonzero(~is_validation), np.flatnonzero(is_validation)
