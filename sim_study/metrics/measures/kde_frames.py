"""The reference's estimate of total correlation, of what its command reads: sampled frames."""

from __future__ import annotations

from math import inf
from typing import ClassVar

import numpy as np

from sim_study.metrics.contract import Metric, Prepared, Reading
from sim_study.metrics.measures.kde_reference import SAMPLES, log_densities
from sim_study.naming.quantity import Quantity

CHANNELS = (10, 50, 100)
"""Sizes of the random subsets of channels that are read beside all channels, where there are more.
The reference reads five frames of each of up to 1,000 clips, and of all."""


class KdeFrames(Metric):
    """Total correlation of sampled latents' single frames, as `kde_reference` estimates it.

    Not to be trusted, for the same reasons, and for one more: from six dimensions on, hardly two of
    600 frames are near each other, so that the joint density is that of a point's own kernel and
    the value says something of the marginals alone. Of normal dimensions that share 6 nats it reads
    21.38 in ten dimensions, of independent ones 21.33.

    Frames are the test split's, at random times, of one draw of the latents. Codes without frames,
    such as a file of one's own, are read as they are given, the training part.

    Source: the code of Smooth InfoMax, arXiv 2408.12936: its subsets of channels.
    """

    name = "kde_frames"
    follows_scale = True
    quantities: ClassVar = {
        "total_correlation_kde_frames": Quantity(
            "Total correlation of frames, the reference's estimate",
            "nats",
            "From kernel densities scored on their own points, of random subsets of channels: far "
            "from 0 on independent dimensions, and follows the scale of the code; single frames of "
            "the sampled code.",
            family=None,
            low=-inf,
            chance="independent dimensions",
        )
    }

    def read(self, sample: Prepared, seed: int) -> Reading:
        """Return `total_correlation_kde_frames/channels_<count>` and `.../channels_all`."""
        random = np.random.default_rng(seed)
        frames = sample.raw_codes if sample.sampled_frames is None else sample.sampled_frames
        if len(frames) > SAMPLES:
            frames = random.choice(frames, SAMPLES, replace=False)
        dims = frames.shape[1]
        subsets = {
            f"channels_{count}": random.choice(dims, count, replace=False)
            for count in CHANNELS
            if count < dims
        }
        found = kde_of_subsets(frames, subsets | {"channels_all": np.arange(dims)})
        return Reading({f"total_correlation_kde_frames/{name}": one for name, one in found.items()})


METRIC = KdeFrames()


def kde_of_subsets(codes: np.ndarray, subsets: dict[str, np.ndarray]) -> dict[str, float]:
    """Return `kde_total_correlation` of some subsets of dimensions, each marginal made once.

    Args:
        codes: (sample, dim), not standardised.
        subsets: By name: (chosen,) dimensions, each named once.

    Returns:
        By name, nats; 0 for fewer than two dimensions.
    """
    columns = codes.T[:, :, None]  # (D, N, 1)
    marginals = np.array([log_densities(one).mean() for one in columns])  # (D,)
    return {
        name: float(log_densities(codes[:, dims]).mean() - marginals[dims].sum())
        if len(dims) > 1
        else 0.0
        for name, dims in subsets.items()
    }
