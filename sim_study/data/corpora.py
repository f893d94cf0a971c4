"""Every corpus there is, a line each."""

from __future__ import annotations

from functools import reduce
from importlib import import_module
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from sim_study.data.kind import CorpusKind, CorpusSettings
from sim_study.errors import Problem, UserError, near_miss

FOLDERS = (
    "synthetic_speech",
    "artificial_speech",
    "librispeech",
)
"""Folders of this room whose `kind.py` holds a corpus' record, KIND."""

_KINDS: tuple[CorpusKind[Any], ...] = tuple(
    import_module(f"sim_study.data.{folder}.kind").KIND for folder in FOLDERS
)
CORPORA: dict[str, CorpusKind[Any]] = {kind.name: kind for kind in _KINDS}
"""By the name that space files use."""

if TYPE_CHECKING:
    CorpusConfig = CorpusSettings
else:
    CorpusConfig = Annotated[
        reduce(or_, (kind.settings for kind in _KINDS)), Field(discriminator="name")
    ]
"""The section `corpus` of a space file: the settings of whichever corpus it names."""


def kind_of(settings: CorpusSettings) -> CorpusKind[Any]:
    """Return the record of the corpus that some settings are of."""
    return CORPORA[settings.name]


def kind_named(name: str) -> CorpusKind[Any]:
    """Return the record of a corpus that a user names.

    Raises:
        UserError: There is no such corpus.
    """
    if name not in CORPORA:
        hint = near_miss(name, CORPORA) or f"one of {', '.join(CORPORA)}"
        raise UserError(Problem(name, "unknown corpus", hint=hint))
    return CORPORA[name]
