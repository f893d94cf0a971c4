"""A corpus of utterances, whose frames have phones."""

from __future__ import annotations

import numpy as np

from sim_study.data.clips import Clips, Split
from sim_study.data.corpus import Corpus
from sim_study.data.recordings import Recordings, Windows
from sim_study.data.utterances import Utterances

SPEAKERS, PHONES = ("low", "high"), ("SIL", "AA", "S")
WINDOW = 3_200


class Spoken(Corpus):
    """Silence, a tone of the speaker's pitch and noise, 80 ms each, in random order."""

    def utterances(self, split: Split) -> Utterances | None:
        return self.spoken(split)

    def spoken(self, split: Split) -> Utterances:
        random = np.random.default_rng(["train", "test"].index(split))
        count = {"train": 12, "test": 6}[split]
        sounds, phones = [], []
        for speaker in np.arange(count) % 2:
            said = np.repeat(random.integers(0, 3, random.integers(8, 14)), 8)
            samples = 160 * len(said)
            tone = np.sin(2 * np.pi * (300, 1_200)[speaker] * np.arange(samples) / 16_000)
            noise = random.standard_normal(samples)
            each = np.stack([0.01 * noise, 0.5 * tone, 0.2 * noise])  # (phone, sample)
            sound = np.take_along_axis(each, np.repeat(said, 160)[None], axis=0)[0]
            sounds.append(np.round(sound * 20_000).astype(np.int16))
            phones.append(said[2:])
        rows = np.arange(count)
        classes = {"phone": PHONES, "speaker": SPEAKERS}
        return Utterances(
            [f"{split}_{row}" for row in rows], Recordings(sounds), phones, rows % 2, rows, classes
        )

    def probe_clips(self, split: Split) -> Clips:
        spoken = self.spoken(split)
        counts = spoken.recordings.lengths // WINDOW
        rows = np.repeat(np.arange(len(spoken)), counts)
        begins = WINDOW * np.concatenate([np.arange(count) for count in counts])
        return Clips(
            [f"{spoken.ids[row]}_{begin}" for row, begin in zip(rows, begins, strict=True)],
            Windows(spoken.recordings, rows, begins, WINDOW),
            {"speaker": spoken.speakers[rows]},
            {"speaker": SPEAKERS},
            {},
            spoken.groups[rows],
        )


class Wordless(Spoken):
    """The same, but nobody knows the phones."""

    def utterances(self, split: Split) -> Utterances | None:
        return None
