"""A prepared corpus of clips of equal length: one Arrow IPC file a form and split.

A file is one record batch, so that a memory map yields whole arrays.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from sim_study.data.clips import SPLITS, Clips, Split
from sim_study.data.corpus import Corpus
from sim_study.data.description import damaged
from sim_study.errors import UserError

_METADATA = b"sim_study"


@dataclass(frozen=True)
class ClipCorpus(Corpus):
    """Clips in one form, or in two: whole ones to learn from, and pieces of them with labels.

    Args:
        learnt: The form that encoders and decoders learn from.
        labelled: The form that probes and metrics read.
    """

    learnt: str
    labelled: str

    @property
    def forms(self) -> tuple[str, ...]:
        """Every form once."""
        return tuple(dict.fromkeys((self.learnt, self.labelled)))

    def decoder_clips(self, split: Split) -> Clips:
        """Clips of the form that encoders learn from."""
        return self.clips(self.learnt, split)

    def probe_clips(self, split: Split) -> Clips:
        """Clips of the labelled form."""
        return self.clips(self.labelled, split)

    def clips(self, form: str, split: Split) -> Clips:
        """Map one form of one split, once in a process; its trials share the clips.

        Raises:
            UserError: The file is damaged.
        """
        path = self.folder / file_name(form, split)
        try:
            status = path.stat()
            return _mapped(path, status.st_ino, status.st_mtime_ns, status.st_size)
        except (OSError, KeyError, ValueError) as error:
            raise UserError(damaged(path, f"cannot be read ({error})")) from None


@lru_cache(maxsize=8)
def _mapped(path: Path, *_identity: int) -> Clips:
    """Map a file; one that was replaced has another identity and is mapped anew."""
    return read_clips(path)


def file_name(form: str, split: Split) -> str:
    """Return the name of the file of one form of one split."""
    return f"{form}-{split}.arrow"


def write_clips(path: Path, clips: Clips) -> None:
    """Write clips to an Arrow IPC file: columns id, group, samples, label:*, value:*, span:*.

    Class names are in the schema's metadata, as JSON under the key sim_study.

    Raises:
        OSError: The disk is full or the folder cannot be written.
    """
    flat = pa.array(np.ascontiguousarray(clips.samples, np.int16).reshape(-1))
    columns = {
        "id": pa.array(clips.ids, pa.string()),
        "group": pa.array(clips.groups.astype(np.int64)),
        "samples": pa.FixedSizeListArray.from_arrays(flat, clips.samples.shape[1]),
    }
    for factor, codes in clips.labels.items():
        columns[f"label:{factor}"] = pa.array(codes.astype(np.int64))
    for factor, values in clips.values.items():
        columns[f"value:{factor}"] = pa.array(values.astype(np.float64))
    for name, bounds in clips.spans.items():
        flat = pa.array(np.ascontiguousarray(bounds, np.int64).reshape(-1))
        columns[f"span:{name}"] = pa.FixedSizeListArray.from_arrays(flat, 2)
    batch = pa.RecordBatch.from_pydict(columns)
    metadata = {_METADATA: json.dumps({"classes": clips.classes}).encode()}
    schema = batch.schema.with_metadata(metadata)
    with (
        pa.OSFile(str(path), "wb") as file,
        pa.ipc.new_file(file, schema) as writer,
    ):
        writer.write_batch(batch.replace_schema_metadata(metadata))


def read_clips(path: Path) -> Clips:
    """Memory-map clips; every array is a read-only view into the file.

    Raises:
        OSError: The file cannot be read.
        pyarrow.ArrowInvalid: The file is not a whole Arrow file.
    """
    reader = pa.ipc.open_file(pa.memory_map(str(path)))
    batch = reader.get_batch(0)
    content = json.loads(reader.schema.metadata[_METADATA])
    arrays = dict(zip(batch.schema.names, batch.columns, strict=True))
    samples = arrays["samples"]
    views = {
        name: column.to_numpy(zero_copy_only=True)
        for name, column in arrays.items()
        if name not in {"id", "samples"} and not name.startswith("span:")
    }
    spans = {
        name: column.flatten().to_numpy().reshape(-1, 2)
        for name, column in arrays.items()
        if name.startswith("span:")
    }
    return Clips(
        ids=arrays["id"].to_pylist(),
        samples=samples.flatten().to_numpy().reshape(len(samples), samples.type.list_size),
        labels=_under("label:", views),
        classes={factor: tuple(names) for factor, names in content["classes"].items()},
        values=_under("value:", views),
        groups=views["group"],
        spans=_under("span:", spans),
    )


def content_digest(clips: Clips) -> bytes:
    """Return the SHA-256 of what clips hold, whatever file they are kept in.

    Spans are left out: they follow from the sound, and earlier versions had none.
    """
    digest = hashlib.sha256()
    shape = [list(clips.samples.shape), clips.ids, clips.classes]
    digest.update(json.dumps(shape, sort_keys=True).encode())
    arrays = {"samples": clips.samples, "group": clips.groups, **clips.labels, **clips.values}
    for name in sorted(arrays):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(arrays[name]).data)
    return digest.digest()


def _under(prefix: str, views: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {
        name.removeprefix(prefix): view for name, view in views.items() if name.startswith(prefix)
    }


def write_wavs(corpus: ClipCorpus, folder: Path) -> int:
    """Write every clip to folder/<form>/<split>/<id>.wav, 16-bit mono at 16 kHz, to listen to.

    Returns:
        Number of files written.
    """
    import soundfile

    written = 0
    for form in corpus.forms:
        for split in SPLITS:
            clips = corpus.clips(form, split)
            target = folder / form / split
            target.mkdir(parents=True, exist_ok=True)
            for name, samples in zip(clips.ids, clips.samples, strict=True):
                soundfile.write(target / f"{name}.wav", samples, corpus.rate_hz, "PCM_16")
            written += len(clips)
    return written
