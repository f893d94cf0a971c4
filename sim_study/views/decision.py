"""What a probe decides over the plane of its two strongest dimensions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim_study.metrics.label_weights import heaviest_dimensions
from sim_study.views.probed import Readout

GRID = 200
"""Points a side at which the decision is taken."""
MARGIN = 0.08
"""Room around the clips, as a fraction of their range."""


class Plane(NamedTuple):
    """A probe's decisions where all but two dimensions are held at their mean.

    Args:
        dimensions: The two strongest, along x and y.
        x: (point,) values of the first, in deviations from its mean over the training part.
        y: (point,) values of the second, likewise.
        decided: (y, x) int64, the label at each point.
        points: (sample, 2) test codes, likewise.
        accuracy: Of the test codes with these two dimensions alone, fraction 0-1.
        whole: With all dimensions.
        chance: With none: of always naming the most frequent label.
    """

    dimensions: tuple[int, int]
    x: np.ndarray
    y: np.ndarray
    decided: np.ndarray
    points: np.ndarray
    accuracy: float
    whole: float
    chance: float


def decision_plane(readout: Readout) -> Plane | None:
    """Take a probe's decisions over its two strongest dimensions.

    Args:
        readout: A probe and test codes.

    Returns:
        The plane; None for a code of a single dimension.
    """
    weight, bias = readout.standard_weight, readout.standard_bias
    if weight.shape[1] < 2:
        return None
    codes = readout.codes  # (sample, dim)
    first, second = map(int, heaviest_dimensions(weight)[:2])
    pair = [first, second]
    points = codes[:, pair]  # (sample, 2)
    x, y = (_axis(points[:, column]) for column in range(2))
    plane = np.stack(np.meshgrid(x, y), axis=-1)  # (y, x, 2)
    decided = (plane @ weight[:, pair].T + bias).argmax(axis=-1)  # (y, x)
    two = (points @ weight[:, pair].T + bias).argmax(axis=1)
    return Plane(
        dimensions=(first, second),
        x=x,
        y=y,
        decided=decided,
        points=points,
        accuracy=float(np.mean(two == readout.labels)),
        whole=readout.accuracy,
        chance=readout.chance,
    )


def _axis(values: np.ndarray) -> np.ndarray:
    low, high = float(values.min()), float(values.max())
    room = MARGIN * ((high - low) or 1.0)
    return np.linspace(low - room, high + room, GRID)
