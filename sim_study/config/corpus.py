"""Which recordings a study learns from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from sim_study.config.strict import Strict


class SyntheticSpeech(Strict):
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
    pitch: tuple[int, int] = Field((35, 65), description="Lowest and highest pitch, 0-99.")
    rate: tuple[int, int] = Field((150, 190), description="Slowest and fastest, words a minute.")


class ArtificialSpeech(Strict):
    """The Smooth InfoMax paper's corpus, from a local folder."""

    name: Literal["artificial-speech"] = "artificial-speech"
    root: Path | None = Field(
        None, description="Folder that holds 'reshuffledv2' and 'split up data padded'."
    )


CorpusConfig = Annotated[SyntheticSpeech | ArtificialSpeech, Field(discriminator="name")]
