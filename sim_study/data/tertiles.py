"""Classes of a numeric factor, so that it can be read out and measured like any other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim_study.data.clips import Clips


def with_tertiles(clips: Clips, factor: str, values: str, training: np.ndarray) -> Clips:
    """Return clips that are also labelled low, middle or high in one of their values.

    Args:
        clips: Of any split.
        factor: What the label is called.
        values: Which of the clips' values it is of.
        training: (clip,) the same value of the training split, whose tertiles are the bounds; the
            names of the classes hold them.
    """
    bounds = np.quantile(training, (1 / 3, 2 / 3))
    low, high = (f"{bound:.4g}" for bound in bounds)
    codes = np.searchsorted(bounds, clips.values[values], side="left").astype(np.int64)
    names = (f"low (to {low})", f"middle (to {high})", f"high (above {high})")
    return replace(
        clips,
        labels=clips.labels | {factor: codes},
        classes=clips.classes | {factor: names},
    )
