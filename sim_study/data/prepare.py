"""From settings to a prepared corpus, made once and opened from then on."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
from collections.abc import Iterator
from pathlib import Path

from sim_study.config.identity import content_hash
from sim_study.data.corpora import kind_named, kind_of
from sim_study.data.corpus import Corpus
from sim_study.data.description import damaged, read_description, write_description
from sim_study.data.kind import PROGRESS, CorpusSettings
from sim_study.data.progress import Report, silent
from sim_study.errors import Problem, UserError


def prepare(settings: CorpusSettings, output: Path, report: Report = silent) -> Corpus:
    """Open the prepared corpus of `settings`; make it first when there is none.

    An interrupted preparation leaves nothing that counts as a corpus, and of two processes
    that want the same corpus at once, one waits for the other. A corpus of an earlier layout is
    made anew in its place.

    Args:
        settings: Which corpus.
        output: The corpus is kept under output/corpora.
        report: Called with a line about what is being done.

    Raises:
        UserError: A missing root, bad sound files (all of them), an unknown voice, a damaged
            prepared corpus, or an earlier layout that comes out otherwise here.
        OSError: The disk is full or the folder cannot be written.
    """
    recipe = kind_of(settings).recipe(settings)
    folder = folder_of(recipe, output)
    if not _is_current(folder, settings):
        with _alone(folder):
            if not _is_current(folder, settings):  # another process may have made it meanwhile
                _make(settings, recipe, folder, report)
    corpus = open_corpus(folder)
    corpus.verify()
    return corpus


def folder_of(recipe: dict[str, object], output: Path) -> Path:
    """Where the prepared corpus of a recipe is kept, whether or not it is there yet."""
    return output / "corpora" / f"{recipe['name']}-{content_hash(recipe)}"


def open_corpus(folder: Path) -> Corpus:
    """Open a prepared corpus; looks at the sizes of the files, not at their content.

    Raises:
        UserError: There is no corpus, or a file is missing or truncated.
    """
    description = read_description(folder)
    problems = []
    for name, record in description.files.items():
        path = folder / name
        if not path.exists():
            problems.append(damaged(path, "is missing"))
        elif (size := path.stat().st_size) != record.bytes:
            problems.append(damaged(path, f"has {size} bytes, must have {record.bytes}"))
    if problems:
        raise UserError(*problems)
    return kind_named(description.name).open(description, folder)


def _is_current(folder: Path, settings: CorpusSettings) -> bool:
    """Whether a prepared corpus is there, with everything that this version keeps of it."""
    return folder.exists() and read_description(folder).layout >= kind_of(settings).layout


def _make(
    settings: CorpusSettings, recipe: dict[str, object], folder: Path, report: Report
) -> None:
    kind = kind_of(settings)
    partial = folder.with_name(f".{folder.name}.partial")
    if not kind.resumable:
        shutil.rmtree(partial, ignore_errors=True)  # left by an interrupted preparation
        partial.mkdir()
    try:
        made = kind.make(settings, recipe, partial, report)
        write_description(partial, made.model_copy(update={"layout": kind.layout}))
        _put(partial, folder, made.fingerprint)
    finally:
        if not kind.resumable:
            shutil.rmtree(partial, ignore_errors=True)
    shutil.rmtree(folder / PROGRESS, ignore_errors=True)


def _put(partial: Path, folder: Path, fingerprint: str) -> None:
    """Put a corpus in its place, also into that of an earlier layout of the same content.

    Who has mapped the earlier files keeps them; they go from the disk when nobody has.

    Raises:
        UserError: What is there has another fingerprint, which trials may be named by.
    """
    earlier = folder.with_name(f".{folder.name}.earlier")
    shutil.rmtree(earlier, ignore_errors=True)
    if folder.exists():
        found = read_description(folder).fingerprint
        if found != fingerprint:
            law = f"was prepared with fingerprint {found[:12]}, and is {fingerprint[:12]} here"
            hint = "trials that exist are of the first: delete the folder to begin anew"
            raise UserError(Problem(str(folder), law, hint=hint))
        folder.rename(earlier)
    partial.rename(folder)
    shutil.rmtree(earlier, ignore_errors=True)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the right to prepare one corpus; the lock dies with the process."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f".{folder.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
