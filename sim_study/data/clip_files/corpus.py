"""A prepared corpus of clips of equal length, memory-mapped, one file a form and split."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sim_study.data.clip_files.arrow import read_clips
from sim_study.data.clips import SPLITS, Clips, Split
from sim_study.data.corpus import Corpus
from sim_study.data.description import damaged
from sim_study.errors import UserError


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
