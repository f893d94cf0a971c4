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


def split_utterances(
    groups: np.ndarray, clip_groups: np.ndarray, validation_fraction: float
) -> tuple[np.ndarray, np.ndarray]:
    """Split utterances as the clips that were cut from them are split.

    Args:
        groups: (utterance,) of the utterances; not every one has clips, nor every clip one.
        clip_groups: (clip,) of the training split's clips.
        validation_fraction: Fraction 0-1 of the clips' groups held out.

    Returns:
        Indices of the fitted and of the held-out utterances, each ascending.

    Raises:
        ValueError: One side would be empty.
    """
    _, held_out = split_by_group(clip_groups, validation_fraction, HELD_OUT_SEED)
    is_validation = np.isin(groups, clip_groups[held_out])
    if is_validation.all() or not is_validation.any():
        raise ValueError(f"of {len(groups)} utterances with labels, {is_validation.sum()} held out")
    return np.flatnonzero(~is_validation), np.flatnonzero(is_validation)
