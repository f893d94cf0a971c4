"""Where LibriSpeech's sounds and texts lie."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sim_study.data.librispeech.kind import LibriSpeech
from sim_study.errors import Problem, UserError, near_miss

NAME = "librispeech"
SPEECH = "LibriSpeech"
"""The folder that every archive of the corpus unpacks to."""

_ID = re.compile(r"(?P<speaker>\d+)-(?P<chapter>\d+)-\d+")


@dataclass(frozen=True)
class SpeechFile:
    """One utterance's file.

    Args:
        id: Such as 1688-142285-0000: speaker, chapter, utterance.
        path: The file.
        subset: Such as train-clean-100.
    """

    id: str
    path: Path
    subset: str


@dataclass(frozen=True)
class Places:
    """Where everything is that a preparation reads.

    Args:
        speech: The folder LibriSpeech.
        texts: By key: train_split, test_split, phones, phone_names; None: there is no such file.
    """

    speech: Path
    texts: dict[str, Path | None]


def places_of(settings: LibriSpeech) -> Places:
    """Find the corpus' folder and its texts: those that are named, else those below the root.

    Raises:
        UserError: The root is not given or holds no speech, a subset is missing, or a text file
            that is named is not there; says how to get the corpus.
    """
    base, speech = _folders(settings)
    problems = []
    subsets = [path.name for path in _folders_in(speech)]
    for index, name in enumerate(settings.pretrain):
        if name not in subsets:
            law = f"there is no such subset below {speech}"
            hint = near_miss(name, subsets) or f"there are {', '.join(subsets)}"
            problems.append(Problem(NAME, law, f"corpus.pretrain.{index}", name, hint))
    found: dict[str, Path | None] = {}
    for key, usual in _TEXTS.items():
        named: Path | None = getattr(settings, key)
        if named is not None and not named.expanduser().is_file():
            problems.append(Problem(NAME, "there is no such file", f"corpus.{key}", str(named)))
        path = base / "labels" / usual if named is None else named.expanduser()
        found[key] = path if path.is_file() else None
    if problems:
        raise UserError(*problems)
    if settings.train_split is None and None in (found["train_split"], found["test_split"]):
        found |= {"train_split": None, "test_split": None}  # one alone splits nothing
    return Places(speech, found)


_TEXTS = {
    "train_split": "train_split.txt",
    "test_split": "test_split.txt",
    "phones": "converted_aligned_phones.txt",
    "phone_names": "phones.txt",
}
"""File names below the root's folder `labels`, by key of the configuration."""


def list_sounds(speech: Path) -> tuple[list[SpeechFile], list[Problem]]:
    """List every utterance, sorted by id, and every file whose name and folders disagree."""
    sounds, problems = [], []
    for subset in _folders_in(speech):
        for speaker in _folders_in(subset):
            for chapter in _folders_in(speaker):
                for path in _flacs_in(chapter):
                    match = _ID.fullmatch(path.stem)
                    if match and match.groups() == (speaker.name, chapter.name):
                        sounds.append(SpeechFile(path.stem, path, subset.name))
                    else:
                        law = f"must be named {speaker.name}-{chapter.name}-NUMBER.flac"
                        problems.append(Problem(str(path), law))
    return sorted(sounds, key=lambda sound: (sound.id, sound.subset)), problems


def speaker_of(utterance: str) -> str:
    """Return the speaker's number, the first part of an utterance's id."""
    return utterance.partition("-")[0]


def _folders(settings: LibriSpeech) -> tuple[Path, Path]:
    """Return where `labels` may be, and the folder LibriSpeech."""
    get_it = (
        f"get it with `python -m sim_study.corpus fetch {NAME} --root DIR`, then give "
        "`--set corpus.root=DIR`"
    )
    if settings.root is None:
        raise UserError(Problem(NAME, "is required", "corpus.root", hint=get_it))
    root = settings.root.expanduser()
    if not root.is_dir():
        law = "there is no such folder"
        raise UserError(Problem(NAME, law, "corpus.root", str(settings.root), get_it))
    if (root / SPEECH).is_dir():
        return root, root / SPEECH
    if any(_flacs_in(c) for s in _folders_in(root) for k in _folders_in(s) for c in _folders_in(k)):
        return (root.resolve().parent if root.resolve().name == SPEECH else root), root
    law = f"holds no {SPEECH}/<subset>/<speaker>/<chapter>/<id>.flac"
    raise UserError(Problem(NAME, law, "corpus.root", str(settings.root), get_it))


def _folders_in(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if entry.is_dir() and _is_seen(entry.name))
    return (folder / name for name in names)


def _flacs_in(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.name.endswith(".flac")]
    return [folder / name for name in sorted(names) if _is_seen(name)]


def _is_seen(name: str) -> bool:
    return not name.startswith(".")
