"""Unsupervised disentanglement ranking: do encoders of other seeds find the same dimensions?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim_study.metrics.contract import Measurement, Null, Quantified
from sim_study.naming.quantity import PADDED, Quantity

PERMUTATIONS = 10
"""Draws behind the null."""


@dataclass(frozen=True)
class Udr:
    """UDR of several encoders' codes of the same clips.

    Args:
        value: Mean over encoders of `by_encoder`, 0-1.
        by_encoder: (encoder,) median over the others of what it shares with each.
        pairs: (encoder, encoder), symmetric, NaN on the diagonal.
        null: What encoders read whose clips are in orders of their own.
        samples: Clips.
        permutations: Draws behind the null.
    """

    value: float
    by_encoder: np.ndarray
    pairs: np.ndarray
    null: Null
    samples: int
    permutations: int


def udr(codes: Sequence[np.ndarray], permutations: int, seed: int) -> Udr:
    """Compare every encoder's dimensions with every other's.

    Two dimensions are as similar as their absolute rank correlation is large (the paper's UDR_S),
    which neither sign nor any monotone stretching changes. The paper leaves out dimensions whose
    KL from the prior is below 0.01 nats; codes at large have no prior, so here it is those that do
    not vary beyond rounding. Two codes that share one factor by one dimension each, and are
    otherwise noise, read low: every dimension counts.

    Args:
        codes: (sample, dim) of each of at least two encoders; dims may differ.
        permutations: Draws behind the null.
        seed: Of the null's orders.

    Source:
        Duan et al. 2020, arXiv 1905.12614, section 4, eqs. 2-3.
    """
    ranks = [standard_ranks(one) for one in codes]
    pairs = _pairs(ranks)
    by_encoder = np.nanmedian(pairs, axis=0)
    generator = np.random.default_rng(seed)
    drawn = [
        float(np.nanmedian(_pairs([generator.permutation(one) for one in ranks]), axis=0).mean())
        for _ in range(permutations)
    ]
    null, value = Null.of(drawn), float(by_encoder.mean())
    return Udr(value, by_encoder, pairs, null, len(codes[0]), permutations)


def standard_ranks(codes: np.ndarray) -> np.ndarray:
    """Return ranks of mean 0 and length 1 of the dimensions that vary: (sample, active dim)."""
    from scipy.stats import rankdata

    from sim_study.downstream.codes.standardise import moments

    active = codes[:, moments(codes).varies]
    if active.shape[1] == 0:
        return np.zeros(active.shape)
    ranks = rankdata(active, axis=0)
    centred = ranks - ranks.mean(axis=0)
    standard: np.ndarray = centred / np.sqrt((centred**2).sum(axis=0))
    return standard


def agreement(similarity: np.ndarray) -> float:
    """Return how far each dimension of either side goes with one of the other alone.

    Args:
        similarity: (dim of one, dim of the other), 0-1.

    Returns:
        0-1: mean over all dimensions of both sides of the largest similarity squared, as a share
        of the sum of similarities; 0 where a side has no dimension.
    """
    if similarity.size == 0:
        return 0.0
    total = 0.0
    for axis in (0, 1):
        sums = similarity.sum(axis=axis)
        best = similarity.max(axis=axis)
        total += float(np.divide(best**2, sums, out=np.zeros_like(sums), where=sums > 0).sum())
    return total / sum(similarity.shape)


def _pairs(ranks: Sequence[np.ndarray]) -> np.ndarray:
    """Agreement of every pair: (encoder, encoder), NaN on the diagonal."""
    count = len(ranks)
    pairs = np.full((count, count), np.nan)
    for one in range(count):
        for other in range(one):
            similarity = np.abs(ranks[one].T @ ranks[other])
            pairs[one, other] = pairs[other, one] = agreement(similarity)
    return pairs


class UdrOfCodes(Quantified):
    """UDR in the form that all metrics have."""

    name = "udr"
    quantities: ClassVar = {
        "udr": Quantity(
            "UDR",
            "fraction",
            "How far encoders of other seeds have the same dimensions, up to order, sign and "
            "stretching: 1 when each dimension goes with one of another seed's alone; mean code "
            "of test clips." + PADDED,
            better="higher",
            family="described",
            chance="shuffled clips",
        )
    }

    def measure(self, codes: Sequence[np.ndarray], permutations: int, seed: int) -> Measurement:
        """Return `udr`, as `udr()` finds it; nothing is fitted, so all clips are scored."""
        found = udr(codes, permutations, seed)
        return Measurement(
            metric=self.name,
            values={"udr": found.value},
            by_dimension={},
            by_factor={"by_encoder": found.by_encoder, "pairs": found.pairs},
            nulls={"udr": found.null},
            train_samples=0,
            test_samples=found.samples,
            permutations=found.permutations,
        )


METRIC = UdrOfCodes()
