"""A prepared corpus: a folder of memory-mapped clips and a description."""

from __future__ import annotations

import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
from pydantic import Field, ValidationError

from sim_study.config.strict import Strict
from sim_study.data.audio import RATE_HZ
from sim_study.data.clips import Clips, Form, Split
from sim_study.data.recordings import Recordings, Samples
from sim_study.data.syllables.arrow import read_clips
from sim_study.data.utterances import Utterances
from sim_study.errors import Problem, UserError

DESCRIPTION = "corpus.json"


class FileRecord(Strict):
    """What an intact file looks like.

    Args:
        clips: Clips, or utterances, in it.
        bytes: Its size.
        sha256: Of its bytes.
        changed_ns: When it was written, since 1970, of a large file that is not to be read at
            every start.
    """

    clips: int
    bytes: int
    sha256: str
    changed_ns: int | None = None


class Counted(Strict):
    """How many utterances are not all there, and the first few of them."""

    count: int
    first: tuple[str, ...]

    @property
    def shown(self) -> tuple[str, ...]:
        """The first few, and dots where there are more."""
        return self.first if self.count == len(self.first) else (*self.first, "...")


class Description(Strict):
    """What is written beside the clips, in corpus.json.

    Args:
        name: The corpus' name.
        fingerprint: SHA-256 of the content (ids, samples, labels, values), in hexadecimal.
        recipe: What it was made from.
        classes: Class names by factor, over both forms.
        files: By file name.
        counted: Utterances that are left out, or lack labels, by reason.
    """

    name: str
    fingerprint: str
    recipe: dict[str, object]
    classes: dict[str, tuple[str, ...]]
    files: dict[str, FileRecord]
    counted: dict[str, Counted] = Field(default_factory=dict)


@dataclass(frozen=True)
class Corpus:
    """A prepared corpus; holds no samples itself, so it is cheap to send to other processes."""

    name: str
    fingerprint: str
    folder: Path
    rate_hz: ClassVar[int] = RATE_HZ

    def encoder_audio(self) -> Samples | Recordings:
        """What encoders learn from: clips (clip, sample) int16, or recordings to take crops of."""
        return self.decoder_clips("train").samples

    def decoder_clips(self, split: Split) -> Clips:
        """Clips of one length that decoders learn to give back; decoders read no labels."""
        return self.clips("words", split)

    def probe_clips(self, split: Split) -> Clips:
        """Labelled clips of one length, for probes of pooled features and for metrics."""
        return self.clips("syllables", split)

    def utterances(self, split: Split) -> Utterances | None:
        """Whole utterances with a phone a frame; None where a corpus has no such labels."""
        return None

    def clips(self, form: Form, split: Split) -> Clips:
        """Map one form of one split, once in a process; its trials share the clips.

        Raises:
            UserError: The file is damaged.
        """
        path = self.folder / file_name(form, split)
        try:
            status = path.stat()
            return _mapped(path, status.st_ino, status.st_mtime_ns, status.st_size)
        except (OSError, pa.ArrowInvalid, KeyError, ValueError) as error:
            raise UserError(damaged(path, f"cannot be read ({error})")) from None

    def verify(self, *, thorough: bool = False) -> None:
        """Compare the SHA-256 of the files with what was written.

        A large file, of many hours of speech, is taken as written while its size and time of
        change are what they were: reading 100 hours at every start would take longer than
        starting. A copy whose times are new is read.

        Args:
            thorough: Read every file.

        Raises:
            UserError: Naming every file that differs.
        """
        records = read_description(self.folder).files
        read = {
            self.folder / name: record.sha256
            for name, record in records.items()
            if thorough
            or record.changed_ns is None
            or record.changed_ns != (self.folder / name).stat().st_mtime_ns
        }
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            found = list(pool.map(file_sha256, read))
        problems = [
            damaged(path, "is not what was written")
            for (path, sha256), other in zip(read.items(), found, strict=True)
            if sha256 != other
        ]
        if problems:
            raise UserError(*problems)


@lru_cache(maxsize=8)
def _mapped(path: Path, *_identity: int) -> Clips:
    """Map a file; one that was replaced has another identity and is mapped anew."""
    return read_clips(path)


def open_corpus(folder: Path) -> Corpus:
    """Open a prepared corpus; looks at the sizes of the files, not at their content.

    Raises:
        UserError: There is no corpus, or a file is missing or truncated.
    """
    description = read_description(folder)
    problems = []
    for name, record in description.files.items():
        path = folder / name
        size = path.stat().st_size if path.exists() else None
        if size is None:
            problems.append(damaged(path, "is missing"))
        elif size != record.bytes:
            problems.append(damaged(path, f"has {size} bytes, must have {record.bytes}"))
    if problems:
        raise UserError(*problems)
    kind: type[Corpus] = Corpus
    if description.name == "librispeech":
        from sim_study.data.librispeech.corpus import LibriSpeechCorpus

        kind = LibriSpeechCorpus
    return kind(description.name, description.fingerprint, folder)


def read_description(folder: Path) -> Description:
    """Read a prepared corpus' corpus.json.

    Raises:
        UserError: There is none, or it is damaged.
    """
    path = folder / DESCRIPTION
    if not path.exists():
        raise UserError(
            Problem(str(folder), f"holds no prepared corpus (no {DESCRIPTION})", hint=_PREPARE)
        )
    try:
        return Description.model_validate_json(path.read_bytes())
    except ValidationError:
        raise UserError(damaged(path, "is not a corpus' description")) from None


def file_name(form: Form, split: Split) -> str:
    """Return the name of the file of one form of one split."""
    return f"{form}-{split}.arrow"


_PREPARE = "prepare it with `python -m sim_study.corpus prepare NAME`"


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_description(folder: Path, description: Description) -> None:
    """Write corpus.json."""
    text = json.dumps(description.model_dump(mode="json"), indent=1)
    (folder / DESCRIPTION).write_text(text + "\n", encoding="utf-8")


def damaged(path: Path, law: str) -> Problem:
    """Say that a file of a prepared corpus is not as it should be, and what to do."""
    folder = path.parent if path.suffix else path
    hint = f"the prepared corpus is damaged: delete the folder {folder} and prepare it again"
    return Problem(str(path), law, hint=hint)
