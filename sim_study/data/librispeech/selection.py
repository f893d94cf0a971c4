"""Which utterances a corpus is made of, and for what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sim_study.data.clips import SPLITS, Split
from sim_study.data.librispeech.kind import LibriSpeech
from sim_study.data.librispeech.layout import (
    Places,
    SpeechFile,
    list_sounds,
    places_of,
    speaker_of,
)
from sim_study.data.librispeech.texts import read_ids, read_split
from sim_study.errors import Problem

_TEST_PART = 5
"""Without split files, the last fifth of a speaker's utterances is for testing."""


@dataclass(frozen=True)
class Selection:
    """The utterances of a corpus, sorted by id.

    Args:
        places: Where they were found.
        sounds: Every utterance once.
        splits: The split of each utterance that probes learn from or are tested on.
        learnt: Ids of the utterances that encoders learn from; none is of the test split.
        known: Ids of all utterances that have a file, selected or not.
        problems: Everything that is wrong with the split files and the files' names.
    """

    places: Places
    sounds: tuple[SpeechFile, ...]
    splits: dict[str, Split]
    learnt: frozenset[str]
    known: frozenset[str]
    problems: tuple[Problem, ...]


def select(settings: LibriSpeech) -> Selection:
    """Select utterances by the split files, or without them by speaker, and by subset.

    Raises:
        UserError: The corpus is not there.
    """
    places = places_of(settings)
    listed, problems = list_sounds(places.speech)
    by_id: dict[str, SpeechFile] = {}
    twice = [sound for sound in listed if by_id.setdefault(sound.id, sound) is not sound]
    splits, of_splits = _splits(places, by_id)
    wanted = {sound.id for sound in listed if sound.subset in settings.pretrain}
    of_test = {utterance for utterance, split in splits.items() if split == "test"}
    learnt = (wanted or splits.keys()) - of_test
    own = [by_id[utterance] for utterance in sorted(splits.keys() | learnt)]
    problems += of_splits
    for sound in twice:
        if sound.id in splits or sound.id in learnt:
            hint = f"first in {by_id[sound.id].path}"
            problems.append(Problem(str(sound.path), "this utterance is there twice", hint=hint))
    return Selection(
        places, tuple(own), splits, frozenset(learnt), frozenset(by_id), tuple(problems)
    )


def by_speaker(utterances: Iterable[str]) -> dict[str, Split]:
    """Give the last fifth of each speaker's utterances, by id, to the test split.

    A speaker with one utterance only trains; one with two to nine has one in the test split.
    """
    of_speaker = defaultdict(list)
    for utterance in sorted(utterances):
        of_speaker[speaker_of(utterance)].append(utterance)
    splits: dict[str, Split] = {}
    for own in of_speaker.values():
        tested = max(1, len(own) // _TEST_PART) if len(own) > 1 else 0
        for index, utterance in enumerate(own):
            splits[utterance] = "train" if index < len(own) - tested else "test"
    return splits


def _splits(places: Places, by_id: dict[str, SpeechFile]) -> tuple[dict[str, Split], list[Problem]]:
    train, test, phones = (places.texts[key] for key in ("train_split", "test_split", "phones"))
    if train is None or test is None:
        labelled = by_id.keys() if phones is None else read_ids(phones)[0].keys()
        return by_speaker(labelled & by_id.keys()), []
    splits: dict[str, Split] = {}
    named: dict[str, str] = {}
    problems = []
    for split, path in zip(SPLITS, (train, test), strict=True):
        ids, of_file = read_split(path)
        problems += of_file
        for utterance, place in ids.items():
            if utterance in named:
                hint = f"also in {named[utterance]}"
                problems.append(Problem(place, "is in both splits", value=utterance, hint=hint))
            named.setdefault(utterance, place)
            if utterance in by_id:
                splits.setdefault(utterance, split)
    problems += list(without_sound(named, by_id))
    return splits, problems


def without_sound(places: dict[str, str], sounds: Iterable[str]) -> Iterator[Problem]:
    """Yield a problem for every id, by its place in a text, that has no sound."""
    known = set(sounds)
    for utterance, place in places.items():
        if utterance not in known:
            yield Problem(place, "has no sound", value=utterance)
