"""A prepared corpus: what is asked of it, whatever its folder holds."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from sim_study.data.audio import RATE_HZ
from sim_study.data.clips import Clips, Split
from sim_study.data.description import damaged, file_sha256, read_description
from sim_study.data.recordings import Recordings, Samples
from sim_study.data.utterances import Utterances
from sim_study.errors import UserError


@dataclass(frozen=True)
class Corpus(ABC):
    """A prepared corpus; holds no samples itself, so it is cheap to send to other processes."""

    name: str
    fingerprint: str
    folder: Path
    rate_hz: ClassVar[int] = RATE_HZ

    def encoder_audio(self) -> Samples | Recordings:
        """What encoders learn from: clips (clip, sample) int16, or recordings to take crops of."""
        return self.decoder_clips("train").samples

    def decoder_clips(self, split: Split) -> Clips:
        """Clips of one length that decoders learn to give back, without reading labels."""
        return self.probe_clips(split)

    @abstractmethod
    def probe_clips(self, split: Split) -> Clips:
        """Labelled clips of one length, for probes of pooled features and for metrics."""

    def utterances(self, split: Split) -> Utterances | None:
        """Whole utterances with a phone a frame; None where a corpus has no such labels."""
        return None

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
