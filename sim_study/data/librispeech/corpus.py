"""A prepared librispeech: utterances, and clips that are cut from them when asked for."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from sim_study.data.clips import Clips, Split
from sim_study.data.corpus import DESCRIPTION, Corpus, damaged
from sim_study.data.librispeech.held import Held, held_of
from sim_study.data.recordings import Recordings
from sim_study.data.utterances import Utterances
from sim_study.errors import UserError


@dataclass(frozen=True)
class LibriSpeechCorpus(Corpus):
    """Encoders learn from crops of utterances; clips are windows, one after the other."""

    def encoder_audio(self) -> Recordings:
        """The utterances that encoders learn from."""
        held = self.held()
        return held.recordings(held.learnt)

    def decoder_clips(self, split: Split) -> Clips:
        """Clips of what encoders learn from, or of the test split."""
        return self.held().clips(None if split == "train" else split)

    def probe_clips(self, split: Split) -> Clips:
        """Clips of a split's utterances, with their speakers."""
        return self.held().clips(split)

    def utterances(self, split: Split) -> Utterances | None:
        """A split's utterances that have phones; None when either split has none."""
        return self.held().utterances(split)

    def held(self) -> Held:
        """Map the corpus, once in a process; its trials share it.

        Raises:
            UserError: It is damaged.
        """
        try:
            status = (self.folder / DESCRIPTION).stat()
            return held_of(self.folder, status.st_ino, status.st_mtime_ns, status.st_size)
        except (OSError, pa.ArrowInvalid, KeyError, ValueError) as error:
            raise UserError(damaged(self.folder, f"cannot be read ({error})")) from None
