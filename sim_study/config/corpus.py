"""Which recordings a study learns from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sim_study.config.strict import Strict

Pitch = Annotated[int, Field(ge=0, le=99)]
WordsAMinute = Annotated[int, Field(ge=80, le=450)]


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
    pitch: tuple[Pitch, Pitch] = Field(
        (35, 65), description="Lowest and highest pitch, on espeak-ng's scale of 0-99."
    )
    rate: tuple[WordsAMinute, WordsAMinute] = Field(
        (200, 240),
        description="Slowest and fastest, words a minute, 80-450; slower than 200, words get "
        "longer than the 0.64 s that is kept.",
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


class ArtificialSpeech(Strict):
    """The Smooth InfoMax paper's corpus, from a local folder."""

    name: Literal["artificial-speech"] = "artificial-speech"
    root: Path | None = Field(
        None, description="Folder that holds 'reshuffledv2' and 'split up data padded'."
    )


class LibriSpeech(Strict):
    """Read English speech in LibriSpeech's layout, with phone labels of the CPC papers' form."""

    name: Literal["librispeech"] = "librispeech"
    root: Path | None = Field(
        None,
        description="Folder that holds LibriSpeech/<subset>/<speaker>/<chapter>/<id>.flac, or "
        "the folder LibriSpeech itself.",
    )
    pretrain: tuple[str, ...] = Field(
        (),
        description="Subsets that encoders learn from, such as train-clean-100; those of the test "
        "split are left out. Empty: the training split.",
    )
    train_split: Path | None = Field(
        None,
        description="Text file, an utterance's id a line. Default: labels/train_split.txt below "
        "the root; without it, four fifths of each speaker's (labelled) utterances.",
    )
    test_split: Path | None = Field(
        None,
        description="The same for testing. Default: labels/test_split.txt below the root; "
        "without it, the last fifth of each speaker's (labelled) utterances.",
    )
    phones: Path | None = Field(
        None,
        description="Text file, `id p1 p2 ...` a line, one phone's number every 10 ms. Default: "
        "labels/converted_aligned_phones.txt below the root; without it, there are no phones.",
    )
    phone_names: Path | None = Field(
        None,
        description="Text file, `NAME number` a line, counting from 0. Default: labels/phones.txt "
        "below the root; without it, phones are called 0 to 40.",
    )
    clip_samples: int = Field(
        20_480,
        ge=160,
        multiple_of=160,
        description="Length of the clips that utterances are cut into for speaker probes and "
        "decoders; shorter utterances are left out.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.train_split is None) != (self.test_split is None):
            raise ValueError("train_split and test_split: give both or neither")
        repeated = sorted({name for name in self.pretrain if self.pretrain.count(name) > 1})
        if repeated:
            raise ValueError(f"pretrain: each must be named once; repeated: {', '.join(repeated)}")
        return self


CorpusConfig = Annotated[
    SyntheticSpeech | ArtificialSpeech | LibriSpeech, Field(discriminator="name")
]
