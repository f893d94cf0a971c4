"""A prepared librispeech: utterances, and clips that are cut from them when asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from sim_study.data.clips import SPLITS, Clips, Split
from sim_study.data.corpus import Corpus
from sim_study.data.description import DESCRIPTION, damaged, read_description
from sim_study.data.librispeech.layout import speaker_of
from sim_study.data.librispeech.shards import Row, read_shard
from sim_study.data.recordings import Recordings, Windows
from sim_study.data.utterances import Utterances
from sim_study.errors import UserError


@dataclass(frozen=True)
class LibriSpeechCorpus(Corpus):
    """Encoders learn from crops of utterances; clips are windows, one after the other."""

    def encoder_audio(self) -> Recordings:
        """The utterances that encoders learn from."""
        mapped = self.mapped()
        return mapped.recordings(mapped.learnt)

    def decoder_clips(self, split: Split) -> Clips:
        """Clips of what encoders learn from, or of the test split."""
        return self.mapped().clips(None if split == "train" else split)

    def probe_clips(self, split: Split) -> Clips:
        """Clips of a split's utterances, with their speakers."""
        return self.mapped().clips(split)

    def utterances(self, split: Split) -> Utterances | None:
        """A split's utterances that have phones; None when either split has none."""
        return self.mapped().utterances(split)

    def mapped(self) -> MappedUtterances:
        """Map the corpus, once in a process; its trials share it.

        Raises:
            UserError: It is damaged.
        """
        try:
            status = (self.folder / DESCRIPTION).stat()
            return _mapped(self.folder, status.st_ino, status.st_mtime_ns, status.st_size)
        except (OSError, KeyError, ValueError) as error:
            raise UserError(damaged(self.folder, f"cannot be read ({error})")) from None


class MappedUtterances:
    """All utterances of a corpus, by number, in the order of their ids; sounds stay on the disk.

    Args:
        folder: Of the prepared corpus.
    """

    def __init__(self, folder: Path) -> None:
        description = read_description(folder)
        self.classes = description.classes
        """Names of speakers of the splits, and of phones."""
        self._clip_samples = int(str(description.recipe["clip_samples"]))
        self.rows: list[Row] = []
        """What is known of each utterance."""
        self._sounds: list[np.ndarray] = []
        for name in sorted(description.files):
            if name.endswith(".arrow"):
                shard = read_shard(folder / name)
                self.rows += shard.rows
                self._sounds += shard.sounds
        codes = {name: code for code, name in enumerate(self.classes["speaker"])}
        speakers = (codes.get(speaker_of(row.id), -1) for row in self.rows)
        self._speakers = np.fromiter(speakers, np.int64, len(self.rows))
        self.learnt = np.flatnonzero([row.learnt for row in self.rows])
        """Numbers of the utterances that encoders learn from."""
        self.split = {
            split: np.flatnonzero([row.split == split for row in self.rows]) for split in SPLITS
        }
        """Numbers of the utterances of each split."""
        self.clips = cache(self._cut)  # of the object, not of the class: it goes with the object

    def recordings(self, numbers: np.ndarray) -> Recordings:
        """Whole utterances (utterance,)."""
        return Recordings([self._sounds[number] for number in numbers])

    def utterances(self, split: Split) -> Utterances | None:
        """The utterances of a split that have phones; None when either split has none."""
        labelled = {
            each: [n for n in numbers.tolist() if self.rows[n].phones is not None]
            for each, numbers in self.split.items()
        }
        if not all(labelled.values()):
            return None
        numbers = np.array(labelled[split])
        phones = [self.rows[number].phones for number in labelled[split]]
        return Utterances(
            ids=[self.rows[number].id for number in labelled[split]],
            recordings=self.recordings(numbers),
            phones=[codes.astype(np.int64) for codes in phones if codes is not None],
            speakers=self._speakers[numbers],
            groups=numbers,
            classes=self.classes,
        )

    def _cut(self, purpose: Split | None) -> Clips:
        """Clips one after the other, of a split's utterances or of all that encoders learn from.

        Speakers are known when all utterances are of speakers that the splits have.
        """
        numbers = self.learnt if purpose is None else self.split[purpose]
        recordings = self.recordings(numbers)
        counts = recordings.lengths // self._clip_samples
        rows = np.repeat(np.arange(len(numbers)), counts)  # (clip,) which recording
        firsts = np.repeat(np.cumsum(counts) - counts, counts)
        places = np.arange(len(rows)) - firsts  # (clip,) how many windows lie before it
        groups = numbers[rows]
        speakers = self._speakers[groups]
        known = bool((speakers >= 0).all())
        return Clips(
            ids=[
                f"{self.rows[number].id}-{place:02d}"
                for number, place in zip(groups.tolist(), places.tolist(), strict=True)
            ],
            samples=Windows(recordings, rows, places * self._clip_samples, self._clip_samples),
            labels={"speaker": speakers} if known else {},
            classes={"speaker": self.classes["speaker"]} if known else {},
            values={},
            groups=groups,
        )


@lru_cache(maxsize=4)
def _mapped(folder: Path, *_identity: int) -> MappedUtterances:
    """Map a corpus once in a process; one that was replaced has another identity."""
    return MappedUtterances(folder)
