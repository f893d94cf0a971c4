"""What a probe decides over the plane of its two strongest dimensions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim_study.metrics.probe_weights import heaviest_dimensions
from sim_study.views.probed import Readout

GRID = 200
"""Points a side at which the decision is taken."""
MARGIN = 0.08
"""Room around the clips, as a fraction of their range."""


class Plane(NamedTuple):
    """A probe's decisions where all but two dimensions are held at their mean.

    Args:
        dimensions: The two strongest, along x and y.
        x, y: (point,) values of the two, in the code's own units.
        decided: (y, x) int64, the label at each point.
        points: (sample, 2) test codes.
        accuracy: Of the test codes with these two dimensions alone, fraction 0-1.
        whole: With all dimensions.
    """

    dimensions: tuple[int, int]
    x: np.ndarray
    y: np.ndarray
    decided: np.ndarray
    points: np.ndarray
    accuracy: float
    whole: float


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
    first, second = map(int, heaviest_dimensions(weight)[:2])
    pair = [first, second]
    points = readout.codes[:, pair]  # (sample, 2)
    x, y = (_axis(points[:, column]) for column in range(2))
    scales = readout.scales
    deviation = np.where(scales.varies, scales.deviation, 1.0)[pair]
    plane = np.stack(np.meshgrid(x, y), axis=-1)  # (y, x, 2)
    standard = (plane - scales.mean[pair]) / deviation
    decided = (standard @ weight[:, pair].T + bias).argmax(axis=-1)  # (y, x)
    codes = readout.standard_codes
    two = (codes[:, pair] @ weight[:, pair].T + bias).argmax(axis=1)
    all_of_them = (codes @ weight.T + bias).argmax(axis=1)
    labels = readout.labels
    return Plane(
        dimensions=(first, second),
        x=x,
        y=y,
        decided=decided,
        points=points,
        accuracy=float(np.mean(two == labels)),
        whole=float(np.mean(all_of_them == labels)),
    )


def _axis(values: np.ndarray) -> np.ndarray:
    low, high = float(values.min()), float(values.max())
    room = MARGIN * ((high - low) or 1.0)
    return np.linspace(low - room, high + room, GRID)
