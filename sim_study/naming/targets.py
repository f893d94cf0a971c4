"""What a clip or a frame is a label of, and a probe or a supervised encoder can read."""

from __future__ import annotations

from typing import Literal, get_args

Target = Literal[
    "vowel", "syllable", "phone", "speaker", "consonant", "position", "voice", "pitch", "rate"
]
"""In the order of tables and figures. Which of them a corpus has labels of is among its facts, and
checked when a space file is read."""

TARGETS: tuple[Target, ...] = get_args(Target)
