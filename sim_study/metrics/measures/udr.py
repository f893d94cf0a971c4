"""Unsupervised disentanglement ranking: do encoders of other seeds find the same dimensions?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim_study.downstream.codes.standardise import moments
from sim_study.metrics.contract import Alignment, Measurement, Null, Quantified
from sim_study.metrics.prepared import varying
from sim_study.metrics.rotation import random_rotation
from sim_study.naming.quantity import PADDED, Quantity

PERMUTATIONS = 19
"""Draws behind the null."""
ROTATIONS = 6
"""Draws of rotated copies."""


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
        alignment: Between copies of the encoders that are rotated at random, each by itself, and
            encoders that are turned to one another as far as their codes allow; None where nothing
            was rotated.
        rotations: Draws behind that.
    """

    value: float
    by_encoder: np.ndarray
    pairs: np.ndarray
    null: Null
    samples: int
    permutations: int
    alignment: Alignment | None = None
    rotations: int = 0


def udr(
    codes: Sequence[np.ndarray], permutations: int, seed: int, rotations: int = ROTATIONS
) -> Udr:
    """Compare every encoder's dimensions with every other's.

    Two dimensions are as similar as their absolute rank correlation is large (the paper's UDR_S),
    which neither sign nor any monotone stretching changes. The paper leaves out dimensions whose
    KL from the prior is below 0.01 nats; codes at large have no prior, so here it is those that do
    not vary beyond rounding. Two codes that share one factor by one dimension each, and are
    otherwise noise, read low: every dimension counts.

    Args:
        codes: (sample, dim) of each of at least two encoders; dims may differ.
        permutations: Draws behind the null.
        seed: Of the null's orders, and of the rotations.
        rotations: Draws of rotated copies; 0: none.

    Source:
        Duan et al. 2020, arXiv 1905.12614, section 4, eqs. 2-3.
    """
    ranks = [standard_ranks(one) for one in codes]
    pairs = _pairs(ranks)
    by_encoder = np.nanmedian(pairs, axis=0)
    generator = np.random.default_rng(seed)
    drawn = [
        _overall(_pairs([generator.permutation(one) for one in ranks])) for _ in range(permutations)
    ]
    null, value = Null.of(drawn), float(by_encoder.mean())
    alignment = None
    if rotations:
        alignment = _alignment(codes, value, rotations, np.random.default_rng([seed, 1]))
        rotations = 0 if alignment is None else rotations
    return Udr(value, by_encoder, pairs, null, len(codes[0]), permutations, alignment, rotations)


def _alignment(
    codes: Sequence[np.ndarray], value: float, rotations: int, generator: np.random.Generator
) -> Alignment | None:
    """Compare with rotated copies, and with encoders turned to one another; None without two axes.

    The ceiling turns one of each pair to the other by the rotation that brings their standardised
    codes nearest to one another: what they share is then on the same dimensions, as far as it is
    linear, and what they do not share stays where it is.

    Source:
        Schoenemann 1966, "A generalized solution of the orthogonal Procrustes problem".
    """
    standard = [varying(one) for one in codes]
    if min(one.shape[1] for one in standard) < 2:
        return None
    turned = []
    for _ in range(rotations):
        copies = [one @ random_rotation(one.shape[1], generator) for one in standard]
        turned.append(_overall(_pairs([standard_ranks(one) for one in copies])))
    pairs = _pairs(standard, _agreement_of_nearest)
    ceiling = [max(_overall(pairs), value)]
    return Alignment.of(value, turned, ceiling, higher_is_better=True, is_told=True)


def _agreement_of_nearest(one: np.ndarray, other: np.ndarray) -> float:
    """Agreement when either is turned to the other, mean over both."""
    left, _, right = np.linalg.svd(one.T @ other, full_matrices=False)
    there = agreement(_similarity(standard_ranks(one), standard_ranks(other @ (left @ right).T)))
    back = agreement(_similarity(standard_ranks(one @ (left @ right)), standard_ranks(other)))
    return (there + back) / 2


def _overall(pairs: np.ndarray) -> float:
    """Mean over encoders of the median over the others."""
    return float(np.nanmedian(pairs, axis=0).mean())


def standard_ranks(codes: np.ndarray) -> np.ndarray:
    """Return ranks of mean 0 and length 1 of the dimensions that vary: (sample, active dim)."""
    from scipy.stats import rankdata

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


def _similarity(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Absolute rank correlations (dim of one, dim of the other) of standard ranks."""
    found: np.ndarray = np.abs(one.T @ other)
    return found


def _agreement(one: np.ndarray, other: np.ndarray) -> float:
    return agreement(_similarity(one, other))


def _pairs(
    parts: Sequence[np.ndarray], of_pair: Callable[[np.ndarray, np.ndarray], float] = _agreement
) -> np.ndarray:
    """What every pair of parts (standard ranks, codes) reads: (encoder, encoder), NaN diagonal."""
    count = len(parts)
    pairs = np.full((count, count), np.nan)
    for one in range(count):
        for other in range(one):
            pairs[one, other] = pairs[other, one] = of_pair(parts[one], parts[other])
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
            aligned=True,
        )
    }

    def measure(
        self,
        codes: Sequence[np.ndarray],
        permutations: int,
        seed: int,
        rotations: int = ROTATIONS,
    ) -> Measurement:
        """Return `udr`, as `udr()` finds it; nothing is fitted, so all clips are scored."""
        found = udr(codes, permutations, seed, rotations)
        return Measurement(
            metric=self.name,
            values={"udr": found.value},
            by_dimension={},
            by_factor={"by_encoder": found.by_encoder, "pairs": found.pairs},
            nulls={"udr": found.null},
            train_samples=0,
            test_samples=found.samples,
            permutations=found.permutations,
            alignments={} if found.alignment is None else {"udr": found.alignment},
            rotations=found.rotations,
        )


METRIC = UdrOfCodes()
