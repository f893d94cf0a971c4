"""Codes and known factors, as they are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

UNLABELLED = -1
"""In place of a class: the row is of something else than what carries the factor."""


@dataclass(frozen=True)
class Sample:
    """Codes and known factors of two disjoint sets of clips.

    A row is a whole clip, or a single frame. Frames of the phone that carries one factor say
    nothing of another: of that they are unlabelled, and count among the codes alone.

    Args:
        train_codes, test_codes: (sample, dim) floating, one code a row.
        train_factors, test_factors: Class index by factor name, (sample,) int64, or `UNLABELLED`.
        classes: Class names by factor name.
        train_groups: (sample,) int64, the spoken word or utterance that a row is of: what
            cross-validation keeps together. None: every row is by itself.
        blocks: Of both parts, (sample,) int64: rows of one label that belong together, as frames of
            one phone do, so that permuted labels move together too. None: every row is by itself.
        sampled_codes: (train sample, dim), one sample of the latents whose means are
            `train_codes`; None for codes without spread.
        sampled_frames: (frame, dim) floating, single frames of the latents' one draw, of the test
            part, as given; None: unknown.

    Raises:
        ValueError: When shapes disagree, a part is empty, or a code is not finite.
    """

    train_codes: np.ndarray
    test_codes: np.ndarray
    train_factors: Mapping[str, np.ndarray]
    test_factors: Mapping[str, np.ndarray]
    classes: Mapping[str, tuple[str, ...]]
    train_groups: np.ndarray | None = None
    blocks: tuple[np.ndarray, np.ndarray] | None = None
    sampled_codes: np.ndarray | None = None
    sampled_frames: np.ndarray | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        for part, codes, factors in (
            ("train", self.train_codes, self.train_factors),
            ("test", self.test_codes, self.test_factors),
        ):
            if codes.ndim != 2 or len(codes) == 0:
                raise ValueError(f"{part}_codes must be (sample, dim), not {codes.shape}")
            if not np.isfinite(codes).all():
                raise ValueError(f"{part}_codes must be finite")
            if set(factors) != set(self.classes):
                raise ValueError(f"{part}_factors must be {sorted(self.classes)}")
            for name, labels in factors.items():
                if labels.shape != (len(codes),):
                    raise ValueError(f"{part}_factors[{name!r}] must have one label a code")
                if not (labels != UNLABELLED).any():
                    raise ValueError(f"{part}_factors[{name!r}] must label some codes")
        if self.train_codes.shape[1] != self.test_codes.shape[1]:
            raise ValueError("train_codes and test_codes must have the same dimensions")
        rows = len(self.train_codes), len(self.test_codes)
        groups = (
            () if self.train_groups is None else (("train_groups", self.train_groups, rows[0]),)
        )
        blocks = () if self.blocks is None else zip(("blocks",) * 2, self.blocks, rows, strict=True)
        for name, numbers, count in (*groups, *blocks):
            if numbers.shape != (count,):
                raise ValueError(f"{name} must have one number a code")
        if self.sampled_codes is not None and len(self.sampled_codes) != rows[0]:
            raise ValueError("sampled_codes must have the rows of train_codes")

    @property
    def factors(self) -> tuple[str, ...]:
        """Factor names, sorted."""
        return tuple(sorted(self.classes))

    def by_factor(self, quantity: str, parts: np.ndarray) -> dict[str, float]:
        """Return a quantity's values (factor,) as `quantity/<factor>`, then `quantity/mean`."""
        named = {f"{quantity}/{one}": float(v) for one, v in zip(self.factors, parts, strict=True)}
        return named | {f"{quantity}/mean": float(parts.mean())}
