"""The corpus synthetic-speech, as the project knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sim_study.config.identity import content_hash
from sim_study.data.amounts import CorpusAmounts
from sim_study.data.clips import ClipsByPart
from sim_study.data.corpus import Corpus
from sim_study.data.description import Description
from sim_study.data.loudness import LevelledSettings
from sim_study.data.progress import Report
from sim_study.data.syllables import POSITIONS, SyllableKind

Pitch = Annotated[int, Field(ge=0, le=99)]
WordsAMinute = Annotated[int, Field(ge=80, le=450)]


class SyntheticSpeech(LevelledSettings):
    """CV-syllable words spoken by espeak-ng, in the two forms of artificial speech."""

    name: Literal["synthetic-speech"] = "synthetic-speech"
    seed: int = Field(0, ge=0, description="Draws words, voices, pitch and rate.")
    train_words: int = Field(640, ge=1, description="Words of the training split.")
    test_words: int = Field(160, ge=1, description="Words of the test split.")
    voices: tuple[str, ...] = Field(
        ("en-us", "en-us+f3", "en-us+m3", "en-us+f5"),
        min_length=1,
        description="espeak-ng voices, with an optional +variant.",
    )
    pitch: tuple[Pitch, Pitch] = Field(
        (35, 65), description="Lowest and highest pitch, on espeak-ng's scale of 0-99."
    )
    rate: tuple[WordsAMinute, WordsAMinute] = Field(
        (200, 240),
        description="Slowest and fastest, words a minute, 80-450; slower than 200, words get "
        "longer than the 0.64 s that is kept.",
    )
    phones: bool = Field(
        False,
        description="Whether words are also utterances with the phone of every 10 ms (silence, b, "
        "d, g, a, i, u), so that phone can be asked for; single frames are then of these.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for key in ("pitch", "rate"):
            low, high = getattr(self, key)
            if low > high:
                raise ValueError(f"{key}: the lowest ({low}) must not exceed the highest ({high})")
        repeated = sorted({voice for voice in self.voices if self.voices.count(voice) > 1})
        if repeated:
            raise ValueError(f"voices: each must be named once; repeated: {', '.join(repeated)}")
        return self


class SyntheticSpeechKind(SyllableKind[SyntheticSpeech]):
    """Words spoken by espeak-ng; its code and voices come with a package."""

    settings = SyntheticSpeech
    facts = replace(
        SyllableKind.facts,
        targets=(*SyllableKind.facts.targets, "voice", "pitch", "rate", "phone"),
        factors=(*SyllableKind.facts.factors, "voice", "pitch", "rate", "phone"),
        where_phones="they are kept where corpus.phones is true",
    )
    in_tertiles: Mapping[str, str] = {"pitch": "pitch", "rate": "rate_wpm"}
    needs = "nothing: it is spoken on this machine in seconds"

    def recipe(self, settings: SyntheticSpeech) -> dict[str, object]:
        """Return the settings and the release of espeak-ng."""
        added_later = {"normalise"} if settings.phones else {"normalise", "phones"}
        own = settings.model_dump(mode="json", exclude=added_later)
        return super().recipe(settings) | own | {"espeakng_loader": version("espeakng-loader")}

    def expected(self, settings: SyntheticSpeech) -> CorpusAmounts:
        """Return as many words as are asked for, three syllables each."""
        amounts = self.amounts(settings.train_words, len(POSITIONS) * settings.train_words)
        return amounts._replace(utterances=amounts.encoder) if settings.phones else amounts

    def clips(self, settings: SyntheticSpeech, report: Report) -> ClipsByPart:
        """Speak every word."""
        from sim_study.data.synthetic_speech.synthesise import synthesise

        return synthesise(settings, report)

    def make(
        self, settings: SyntheticSpeech, recipe: dict[str, object], folder: Path, report: Report
    ) -> Description:
        """Write the clips; with phones, what single frames are changes, and so the fingerprint."""
        made = super().make(settings, recipe, folder, report)
        if not settings.phones:
            return made
        fingerprint = content_hash([made.fingerprint, "phones"], length=64)
        return made.model_copy(update={"fingerprint": fingerprint})

    def open(self, description: Description, folder: Path) -> Corpus:
        """Open the folder, with utterances where they were asked for."""
        from sim_study.data.clip_files.corpus import ClipCorpus
        from sim_study.data.synthetic_speech.phones import PhoneCorpus

        kind = PhoneCorpus if description.recipe.get("phones") else ClipCorpus
        return kind(self.name, description.fingerprint, folder, self.learnt, self.labelled)


KIND = SyntheticSpeechKind()
