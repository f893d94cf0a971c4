"""What a preparation will find: guessed from a few headers, and listed from all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from sim_study.config.geometry import FRAME_SAMPLES
from sim_study.data.amounts import Amount, CorpusAmounts
from sim_study.data.clips import SPLITS
from sim_study.data.librispeech.flac import Headers, read_headers
from sim_study.data.librispeech.kind import LibriSpeech
from sim_study.data.librispeech.layout import NAME, SpeechFile, speaker_of
from sim_study.data.librispeech.selection import Selection, select, without_sound
from sim_study.data.librispeech.shards import Row
from sim_study.data.librispeech.texts import Labels, read_ids, read_labels, read_phone_names
from sim_study.data.progress import Report
from sim_study.errors import Problem, UserError

SHORT = "shorter than a clip"
DAMAGED = "damaged"
UNLABELLED = "without phone labels"
STRANGE = "for testing, of a speaker who is not in the training split"

_SAMPLED = 200
"""Files whose headers are read: the mean length of LibriSpeech's is then known to 2 %."""


@dataclass(frozen=True)
class ToDecode:
    """One utterance that is to be decoded."""

    sound: SpeechFile
    samples: int
    row: Row


@dataclass(frozen=True)
class Flaw:
    """Why an utterance is left out, or what it lacks."""

    reason: str
    id: str
    detail: str


@dataclass(frozen=True)
class Worklist:
    """The utterances to decode, in order, what is known to be wrong, and the classes' names."""

    utterances: tuple[ToDecode, ...]
    flaws: tuple[Flaw, ...]
    classes: dict[str, tuple[str, ...]]


def expected(settings: LibriSpeech) -> CorpusAmounts:
    """Count utterances; short, damaged and unlabelled ones are counted too.

    Raises:
        UserError: The corpus is not there, or its split files are wrong.
    """
    selection = select(settings)
    if selection.problems:
        raise UserError(*selection.problems)
    trained = {name for name, split in selection.splits.items() if split == "train"}
    phones = selection.places.texts["phones"]
    labelled = trained & read_ids(phones)[0].keys() if phones is not None else set()
    clip = settings.clip_samples
    learnt, decoded = _lot(selection, selection.learnt, clip)
    _, probed = _lot(selection, trained, clip)
    spoken, _ = _lot(selection, labelled, clip)
    return CorpusAmounts(learnt, decoded, probed, spoken if labelled else None)


def _lot(selection: Selection, ids: AbstractSet[str], clip: int) -> tuple[Amount, Amount]:
    """Some utterances, and the clips of `clip` samples that they are cut into."""
    sounds = [sound for sound in selection.sounds if sound.id in ids]
    chosen = np.unique(np.linspace(0, len(sounds) - 1, _SAMPLED).astype(int)) if sounds else ()
    lengths = np.array([*read_headers([sounds[row] for row in chosen]).samples.values()])
    if not len(lengths):
        return Amount(len(sounds), clip), Amount(len(sounds), clip)
    cut = round(len(sounds) * float(np.mean(lengths // clip)))
    return Amount(len(sounds), int(lengths.mean())), Amount(cut, clip)


def worklist(settings: LibriSpeech, report: Report) -> Worklist:
    """Read the texts and every header.

    Raises:
        UserError: Listing everything that is wrong with files and texts at once.
    """
    selection = select(settings)
    report(f"{NAME}: looking at {len(selection.sounds)} files")
    texts = selection.places.texts
    names, problems = read_phone_names(texts["phone_names"])
    labels: dict[str, Labels] = {}
    if texts["phones"] is not None:
        labels, of_labels = read_labels(texts["phones"], len(names))
        problems += of_labels
        of_ids = {utterance: one.place for utterance, one in labels.items()}
        problems += without_sound(of_ids, selection.known)
    headers = read_headers(selection.sounds)
    problems += _misfits(labels, headers)
    problems = [*selection.problems, *headers.problems, *problems]
    if problems:
        raise UserError(*problems)
    found = _worklist(settings, selection, labels, headers, names)
    check_use([one.row for one in found.utterances])
    return found


def check_use(rows: Sequence[Row]) -> None:
    """Refuse a corpus that would leave nothing to learn from or nothing to test on.

    Raises:
        UserError: Naming what is empty.
    """
    law = "no utterance is left"
    problems = [
        Problem(NAME, law, f"{split} split")
        for split in SPLITS
        if not any(row.split == split for row in rows)
    ]
    if not any(row.learnt for row in rows):
        problems.append(Problem(NAME, law, "corpus.pretrain"))
    if problems:
        raise UserError(*problems)


def _misfits(labels: dict[str, Labels], headers: Headers) -> Iterator[Problem]:
    """Labels that cannot be of their utterance: too many, or fewer than for half of it."""
    for utterance, one in labels.items():
        frames = headers.samples.get(utterance, 0) // FRAME_SAMPLES
        count = len(one.phones)
        if utterance not in headers.samples or not count:
            continue
        if not frames / 2 <= count <= frames:
            law = f"{utterance} has {count} labels, must have {-(-frames // 2)} to {frames}"
            hint = f"its {frames} frames of {FRAME_SAMPLES} samples have at most one each"
            yield Problem(one.place, law, hint=hint)


def _worklist(
    settings: LibriSpeech,
    selection: Selection,
    labels: dict[str, Labels],
    headers: Headers,
    names: tuple[str, ...],
) -> Worklist:
    utterances, flaws = [], []
    for sound in selection.sounds:
        split = selection.splits.get(sound.id)
        labelled = labels.get(sound.id) if split is not None else None
        if sound.id in headers.damaged:
            flaws.append(Flaw(DAMAGED, sound.id, headers.damaged[sound.id]))
            continue
        samples = headers.samples[sound.id]
        if samples < settings.clip_samples:
            flaws.append(Flaw(SHORT, sound.id, f"{samples} of {settings.clip_samples} samples"))
            continue
        if split is not None and labelled is None and labels:
            flaws.append(Flaw(UNLABELLED, sound.id, f"of the {split} split"))
        phones = None if labelled is None else labelled.phones
        row = Row(sound.id, split, sound.id in selection.learnt, phones)
        utterances.append(ToDecode(sound, samples, row))
    trained = {speaker_of(one.sound.id) for one in utterances if one.row.split == "train"}
    for one in utterances:
        speaker = speaker_of(one.sound.id)
        if one.row.split == "test" and speaker not in trained:
            flaws.append(Flaw(STRANGE, one.sound.id, f"speaker {speaker}"))
    speakers = {speaker_of(one.sound.id) for one in utterances if one.row.split is not None}
    classes = {"speaker": tuple(sorted(speakers, key=int)), "phone": names}
    return Worklist(tuple(utterances), tuple(flaws), classes)
