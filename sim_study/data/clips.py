"""Clips of equal length with everything that is known about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from sim_study.data.recordings import Samples

Split = Literal["train", "test"]
SPLITS: tuple[Split, ...] = ("train", "test")


@dataclass(frozen=True)
class Clips:
    """Clips of equal length, 16 kHz, one row each.

    Args:
        ids: One unique name a clip.
        samples: (clip, sample) int16; read-only and memory-mapped when read from a corpus; windows
            into recordings are cut when they are indexed.
        labels: Codes by factor, each (clip,) int64.
        classes: Class names by factor; a code is an index into them.
        values: Numeric factors by name, each (clip,) float64, such as pitch and rate_wpm.
        groups: (clip,) int64: which spoken word a clip is, or was cut from. Numbers hold over
            forms and splits of a corpus, so a split by group leaks nothing.
        spans: Where things sound in a clip, by name: (clip, 2) int64, first sample and one past the
            last. `sounding` is what is not silence; of syllables also `consonant` and `vowel`.
            Empty: unknown, the whole clip counts.
    """

    ids: list[str]
    samples: Samples
    labels: dict[str, np.ndarray]
    classes: dict[str, tuple[str, ...]]
    values: dict[str, np.ndarray]
    groups: np.ndarray
    spans: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, indices: np.ndarray | list[int]) -> Clips:
        """Return the clips at `indices` (clip,), in that order, as a copy of those rows."""
        rows = np.asarray(indices)
        if rows.dtype == bool:
            rows = np.flatnonzero(rows)
        rows = rows.astype(np.int64)
        return Clips(
            ids=[self.ids[row] for row in rows],
            samples=self.samples[rows],
            labels={factor: codes[rows] for factor, codes in self.labels.items()},
            classes=self.classes,
            values={factor: values[rows] for factor, values in self.values.items()},
            groups=self.groups[rows],
            spans={name: spans[rows] for name, spans in self.spans.items()},
        )


ClipsByPart = Mapping[tuple[str, Split], Clips]
"""A whole corpus, by form (such as words) and split."""
