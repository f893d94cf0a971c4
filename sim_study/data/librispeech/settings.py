"""The settings of librispeech."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from sim_study.data.kind import CorpusSettings


class LibriSpeech(CorpusSettings):
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
