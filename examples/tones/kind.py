"""The corpus tones, as the project knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from sim_study.data.clip_files.kind import ClipKind
from sim_study.data.kind import CorpusFacts, CorpusSettings

if TYPE_CHECKING:
    import numpy as np

    from sim_study.data.amounts import CorpusAmounts
    from sim_study.data.clips import Clips, ClipsByPart, Split
    from sim_study.data.progress import Report

CLIP_SAMPLES = 8_000
"""Half a second at 16 kHz."""
PITCHES_HZ = {"a": 220.0, "i": 440.0, "u": 880.0}
LOUDNESS = {"b": 0.1, "d": 0.3, "g": 0.9}
"""Amplitude, as a fraction of full scale: the consonant of a tone."""


class Tones(CorpusSettings):
    """Sine tones of three pitches (the vowel) and three amplitudes (the consonant), in noise."""

    name: Literal["tones"] = "tones"
    seed: int = Field(0, ge=0, description="Draws classes, phases and noise.")
    train_clips: int = Field(180, ge=10, description="Clips of the training split.")
    test_clips: int = Field(90, ge=10, description="Clips of the test split.")
    noise: float = Field(0.02, ge=0, le=0.1, description="Deviation, as a fraction of full scale.")


class TonesKind(ClipKind[Tones]):
    """Clips that are computed; probes read the ones that encoders learn from."""

    settings = Tones
    facts = CorpusFacts(
        targets=("vowel", "consonant"),
        factors=("consonant", "vowel"),
        probed=("vowel",),
        online="vowel",
        measured=("consonant", "vowel"),
    )
    needs = "nothing: it is computed on this machine at once"
    drawn = "vowel"

    def shortest_samples(self, settings: Tones, *, labelled: bool) -> int:
        """Return the length of every clip."""
        return CLIP_SAMPLES

    def recipe(self, settings: Tones) -> dict[str, object]:
        """Return the settings, and a number to raise when `clips` changes."""
        return {"format": 1, **settings.model_dump(mode="json")}

    def expected(self, settings: Tones) -> CorpusAmounts:
        """Return as many clips as are asked for."""
        from sim_study.data.amounts import Amount, CorpusAmounts

        clips = Amount(settings.train_clips, CLIP_SAMPLES)
        return CorpusAmounts(encoder=clips, decoder=clips, labelled=clips)

    def clips(self, settings: Tones, report: Report) -> ClipsByPart:
        """Compute every tone."""
        import numpy as np

        report(f"{self.name}: computing {settings.train_clips + settings.test_clips} tones")
        rng = np.random.default_rng(settings.seed)
        train = _tones(rng, "train", settings.train_clips, 0, settings.noise)
        test = _tones(rng, "test", settings.test_clips, settings.train_clips, settings.noise)
        return {(self.learnt, "train"): train, (self.learnt, "test"): test}


def _tones(
    rng: np.random.Generator, split: Split, count: int, first_group: int, noise: float
) -> Clips:
    """Draw clips, each a recording of its own."""
    import numpy as np

    from sim_study.data.audio import RATE_HZ, to_int16
    from sim_study.data.clips import Clips

    vowel, consonant = (rng.permutation(np.arange(count) % 3) for _ in range(2))
    phase = rng.uniform(0, 2 * np.pi, (count, 1))
    hertz = np.array([*PITCHES_HZ.values()])[vowel, None]
    level = np.array([*LOUDNESS.values()])[consonant, None]
    seconds = np.arange(CLIP_SAMPLES) / RATE_HZ
    sound = level * np.sin(2 * np.pi * hertz * seconds + phase)  # (clip, sample)
    return Clips(
        ids=[f"{split}-{number:05d}" for number in range(count)],
        samples=to_int16(sound + noise * rng.standard_normal(sound.shape)),
        labels={"vowel": vowel, "consonant": consonant},
        classes={"vowel": tuple(PITCHES_HZ), "consonant": tuple(LOUDNESS)},
        values={"phase": phase[:, 0]},
        groups=np.arange(first_group, first_group + count),
    )


KIND = TonesKind()
