"""The corpus artificial-speech: the recordings of the Smooth InfoMax paper, from a folder."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from sim_study.data.audio import (
    RATE_HZ,
    SYLLABLE_SAMPLES,
    WORD_SAMPLES,
    first_samples,
    resample,
)
from sim_study.data.clips import SPLITS, Clips, ClipsByPart, Split
from sim_study.data.loudness import LevelledSettings
from sim_study.data.progress import Report
from sim_study.data.sound_file import read_sound
from sim_study.data.spans import sounding_spans, syllable_spans
from sim_study.data.syllables import finished, is_word, syllable_labels, word_labels
from sim_study.errors import Problem, UserError

NAME = "artificial-speech"

Form = Literal["words", "syllables"]
FOLDERS: dict[Form, str] = {"words": "reshuffledv2", "syllables": "split up data padded"}
FILE_RATE_HZ: dict[Form, int] = {"words": 44_100, "syllables": 22_050}

_WORD_NAME = re.compile(r"(?P<word>\w{6})_(?P<take>\d+)")
_SYLLABLE_NAME = re.compile(r"(?P<word>\w{6})_(?P<take>\d+)_(?P<position>[123])_(?P<syllable>\w\w)")


@dataclass(frozen=True)
class NamedFile:
    """One file of the corpus, by what its name says.

    Args:
        path: The file.
        form, split: Where it belongs.
        word: Three syllables, such as babagi.
        take: Which recording of the word, from 1.
        position: Place of the syllable in the word, 0-2; 0 for a whole word.
    """

    path: Path
    form: Form
    split: Split
    word: str
    take: int
    position: int


def root_of(given: Path | None) -> Path:
    """Return the corpus' folder.

    Raises:
        UserError: It is not given or lacks a subfolder; says how to get the corpus.
    """
    get_it = (
        f"get it with `python -m sim_study.corpus fetch {NAME} --root DIR` (a clone of "
        "https://github.com/fdenoodt/Artificial-Speech-Dataset), then give "
        "`--set corpus.root=DIR`"
    )
    if given is None:
        raise UserError(Problem(NAME, "is required", "corpus.root", hint=get_it))
    root = given.expanduser()
    needed = [Path(folder) / split for folder in FOLDERS.values() for split in SPLITS]
    missing = [f"'{folder}'" for folder in needed if not (root / folder).is_dir()]
    if missing:
        law = f"has no folder {', '.join(missing)}" if root.is_dir() else "there is no such folder"
        raise UserError(Problem(NAME, law, "corpus.root", str(root), get_it))
    return root


def list_files(root: Path) -> list[Path]:
    """Return every sound file of the corpus, in the order in which clips are kept."""
    return [
        path
        for form in FOLDERS
        for split in SPLITS
        for path in sorted((root / FOLDERS[form] / split).iterdir())
        if path.suffix.lower() == ".wav" and not path.name.startswith(".")
    ]


def count_training_files(root: Path) -> tuple[int, int]:
    """Count the training split's words and syllables.

    Raises:
        UserError: Naming every folder that holds none.
    """
    folders = [root / folder / "train" for folder in FOLDERS.values()]
    counts = Counter(path.parent for path in list_files(root))
    empty = [folder for folder in folders if not counts[folder]]
    if empty:
        raise UserError(*(Problem(str(folder), "holds no file of the corpus") for folder in empty))
    words, syllables = (counts[folder] for folder in folders)
    return words, syllables


def read_artificial_speech(root: Path, settings: LevelledSettings, report: Report) -> ClipsByPart:
    """Read and resample the whole corpus.

    Words keep their first 10,240 samples at 16 kHz; syllables are kept whole. What sounds where is
    told from the energy of the clips.

    Raises:
        UserError: Naming every file with a wrong name, every unreadable, truncated, silent or
            otherwise wrong file, and every empty folder, all at once.
    """
    paths = list_files(root)
    report(f"{NAME}: reading {len(paths)} files")
    named = [_parsed(path) for path in paths]
    with ThreadPoolExecutor(max_workers=2) as pool:
        sounds = list(pool.map(_read, named))
    problems = [found for found in sounds if isinstance(found, Problem)]
    files = [found for found in named if isinstance(found, NamedFile)]
    for form in FOLDERS:
        for split in SPLITS:
            if not any((one.form, one.split) == (form, split) for one in files):
                folder = root / FOLDERS[form] / split
                problems.append(Problem(str(folder), "holds no file of the corpus"))
    if problems:
        raise UserError(*problems)
    report(f"{NAME}: resampling to {RATE_HZ} Hz")
    files = _with_true_takes(files)
    spoken = sorted({(one.word, one.take) for one in files})
    numbers = {name: index for index, name in enumerate(spoken)}
    parts: dict[tuple[str, Split], Clips] = {}
    for form in FOLDERS:
        for split in SPLITS:
            own = [n for n, one in enumerate(files) if (one.form, one.split) == (form, split)]
            arrays = [np.asarray(sounds[n]) for n in own]
            parts[form, split] = _clips(form, [files[n] for n in own], arrays, numbers, settings)
    return parts


def _parsed(path: Path) -> NamedFile | Problem:
    """Take a file's name apart."""
    form: Form = "words" if path.parts[-3] == FOLDERS["words"] else "syllables"
    split: Split = "train" if path.parts[-2] == "train" else "test"
    pattern, example = (
        (_WORD_NAME, "babagi_1.wav") if form == "words" else (_SYLLABLE_NAME, "bababa_1_2_ba.wav")
    )
    match = pattern.fullmatch(path.stem)
    if match is None or not is_word(match["word"]):
        return Problem(str(path), f"must be named like {example}")
    position = 0
    if form == "syllables":
        position = int(match["position"]) - 1
        if match["word"][2 * position : 2 * position + 2] != match["syllable"]:
            return Problem(str(path), "its name's syllable is not the word's at that position")
    return NamedFile(path, form, split, match["word"], int(match["take"]), position)


def _with_true_takes(files: Sequence[NamedFile]) -> list[NamedFile]:
    """Number the takes of a word alike in both forms and splits.

    In the names of the syllables, takes are counted anew in the test split: its bababa_1 was cut
    from the word bababa_2 (their waveforms agree), a different recording from bababa_1 of the
    training split.
    """
    trained: dict[str, set[int]] = defaultdict(set)
    for one in files:
        if (one.form, one.split) == ("syllables", "train"):
            trained[one.word].add(one.take)
    return [
        replace(one, take=one.take + len(trained[one.word]))
        if (one.form, one.split) == ("syllables", "test")
        else one
        for one in files
    ]


def _read(found: NamedFile | Problem) -> np.ndarray | Problem:
    if isinstance(found, Problem):
        return found
    rate_hz = FILE_RATE_HZ[found.form]
    sound = read_sound(found.path, rate_hz)
    if isinstance(sound, Problem) or found.form == "words":
        return sound
    at_16_khz = -(-len(sound) * RATE_HZ // rate_hz)
    if at_16_khz != SYLLABLE_SAMPLES:
        law = f"must be {SYLLABLE_SAMPLES} samples long at {RATE_HZ} Hz, is {at_16_khz}"
        return Problem(str(found.path), law)
    return sound


def _clips(
    form: Form,
    files: Sequence[NamedFile],
    sounds: Sequence[np.ndarray],
    numbers: dict[tuple[str, int], int],
    settings: LevelledSettings,
) -> Clips:
    """Resample files of one form, cut them to its length, level and label them."""
    words = [one.word for one in files]
    if is_words := form == "words":
        length = WORD_SAMPLES
        labels, classes = word_labels(words)
    else:
        length = SYLLABLE_SAMPLES
        labels, classes = syllable_labels(words, [one.position for one in files])
    resampled = resample(sounds, FILE_RATE_HZ[form])
    samples = finished([first_samples(sound, length) for sound in resampled], settings)
    return Clips(
        ids=[one.path.stem for one in files],
        samples=samples,
        labels=labels,
        classes=classes,
        values={"take": np.array([one.take for one in files], np.float64)},
        groups=np.array([numbers[one.word, one.take] for one in files], np.int64),
        spans={"sounding": sounding_spans(samples)} if is_words else syllable_spans(samples),
    )
