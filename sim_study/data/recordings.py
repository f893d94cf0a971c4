"""Sounds of different lengths, and clips of one length cut out of them when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np


class Recordings:
    """Sounds of different lengths, 16 kHz, perhaps memory-mapped: nothing is read before it is cut.

    Args:
        parts: One (sample,) int16 array a recording.
    """

    def __init__(self, parts: Sequence[np.ndarray]) -> None:
        self.parts = parts
        self.lengths = np.array([len(part) for part in parts], np.int64)
        """Samples of each recording, (recording,)."""

    def __len__(self) -> int:
        return len(self.parts)

    def cut(self, rows: np.ndarray, begins: np.ndarray, samples: int) -> np.ndarray:
        """Cut one piece out of each of some recordings.

        Args:
            rows: (piece,) which recording.
            begins: (piece,) first sample.
            samples: Length of every piece.

        Returns:
            (piece, sample) int16.
        """
        pieces = np.empty((len(rows), samples), np.int16)
        for piece, row, begin in zip(pieces, rows, begins, strict=True):
            piece[:] = self.parts[row][begin : begin + samples]
        return pieces


class Windows:
    """Clips of one length that lie in recordings; behaves as (clip, sample) int16 when indexed.

    Only the first axis can be indexed: by a slice, an array of indices or a mask.

    Args:
        recordings: Where the clips lie.
        rows: (clip,) which recording.
        begins: (clip,) first sample.
        samples: Length of every clip.
    """

    def __init__(
        self, recordings: Recordings, rows: np.ndarray, begins: np.ndarray, samples: int
    ) -> None:
        self._recordings = recordings
        self._rows = rows
        self._begins = begins
        self.shape = (len(rows), samples)

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self[row : row + 1][0] for row in range(len(self)))

    def __getitem__(self, rows: slice | np.ndarray) -> np.ndarray:
        return self._recordings.cut(self._rows[rows], self._begins[rows], self.shape[1])


Samples = np.ndarray | Windows
"""Clips of one length: (clip, sample) int16."""
