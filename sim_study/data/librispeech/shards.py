"""Utterances as Arrow IPC files of about half an hour each, memory-mapped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from sim_study.data.clips import Split


@dataclass(frozen=True)
class Row:
    """What is known of one utterance besides its sound.

    Args:
        id: Speaker, chapter, utterance.
        split: Where probes use it; None: nowhere.
        learnt: Whether encoders learn from it.
        phones: (label,) unsigned integers; None: it has no labels.
    """

    id: str
    split: Split | None
    learnt: bool
    phones: np.ndarray | None


@dataclass(frozen=True)
class Shard:
    """Some utterances.

    Args:
        rows: One an utterance.
        samples: (sample,) int16: their sounds, one after the other.
        bounds: (utterance + 1,) int64: where each sound begins, and where the last one ends.
    """

    rows: Sequence[Row]
    samples: np.ndarray
    bounds: np.ndarray

    @property
    def sounds(self) -> list[np.ndarray]:
        """Each utterance's (sample,) int16; no sample is copied."""
        ends = self.bounds.tolist()
        return [self.samples[a:b] for a, b in pairwise(ends)]


def write_shard(path: Path, shard: Shard) -> None:
    """Write a shard with the columns id, split, learnt, phones and samples.

    Raises:
        OSError: The disk is full or the folder cannot be written.
    """
    rows = shard.rows
    samples = pa.LargeListArray.from_arrays(pa.array(shard.bounds), pa.array(shard.samples))
    phones = [None if row.phones is None else row.phones.astype(np.uint16) for row in rows]
    batch = pa.RecordBatch.from_pydict(
        {
            "id": pa.array([row.id for row in rows], pa.string()),
            "split": pa.array([row.split for row in rows], pa.string()),
            "learnt": pa.array([row.learnt for row in rows], pa.bool_()),
            "phones": pa.array(phones, pa.list_(pa.uint16())),
            "samples": samples,
        }
    )
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, batch.schema) as writer:
        writer.write_batch(batch)


def read_shard(path: Path) -> Shard:
    """Memory-map a shard: no sample is read.

    Raises:
        OSError: The file cannot be read.
        pyarrow.ArrowInvalid: The file is not a whole Arrow file.
    """
    batch = pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)
    ids, splits, learnt = (batch.column(key).to_pylist() for key in ("id", "split", "learnt"))
    samples, phones = batch.column("samples"), batch.column("phones")
    starts = phones.offsets.to_numpy().tolist()
    codes = phones.values.to_numpy()
    labelled = phones.is_valid().to_pylist()
    rows = [
        Row(ids[row], splits[row], learnt[row], codes[a:b] if labelled[row] else None)
        for row, (a, b) in enumerate(pairwise(starts))
    ]
    return Shard(rows, samples.values.to_numpy(), samples.offsets.to_numpy())


def shard_digest(shard: Shard) -> bytes:
    """Return the SHA-256 of everything a shard holds, whatever file it is kept in."""
    digest = hashlib.sha256()
    for row in shard.rows:
        count = None if row.phones is None else len(row.phones)
        digest.update(json.dumps([row.id, row.split, row.learnt, count]).encode())
        if row.phones is not None:
            digest.update(row.phones.astype("<u2").tobytes())
    digest.update(shard.bounds.astype("<i8").tobytes())
    digest.update(np.ascontiguousarray(shard.samples, "<i2").data)
    return digest.digest()
