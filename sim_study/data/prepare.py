"""Turns a configuration into a prepared corpus, once."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

from sim_study.config.corpus import ArtificialSpeech, CorpusConfig, LibriSpeech, SyntheticSpeech
from sim_study.config.identity import content_hash
from sim_study.data.artificial_speech.read import list_files, read_artificial_speech, root_of
from sim_study.data.audio import RATE_HZ, SYLLABLE_SAMPLES, WORD_SAMPLES
from sim_study.data.clips import Material
from sim_study.data.corpus import (
    Corpus,
    Description,
    FileRecord,
    file_name,
    file_sha256,
    open_corpus,
    write_description,
)
from sim_study.data.syllables.arrow import content_digest, write_clips

FORMAT_VERSION = 1
"""Raised when the same recipe gives another corpus, so that no old folder is taken for it."""


def silent(_: str) -> None:
    """Report nothing."""


def prepare(config: CorpusConfig, output: Path, report: Callable[[str], None] = silent) -> Corpus:
    """Open the prepared corpus of `config`; make it first when there is none.

    An interrupted preparation leaves nothing that counts as a corpus, and of two processes
    that want the same corpus at once, one waits for the other.

    Args:
        config: Which corpus.
        output: The corpus is kept under output/corpora.
        report: Called with a line about what is being done.

    Raises:
        UserError: A missing root, bad sound files (all of them), an unknown voice, or a
            damaged prepared corpus.
        OSError: The disk is full or the folder cannot be written.
    """
    recipe = recipe_of(config)
    folder = folder_of(config, recipe, output)
    if not folder.exists():
        with _alone(folder):
            if not folder.exists():  # another process may have made it meanwhile
                _make(config, recipe, folder, report)
    corpus = open_corpus(folder)
    corpus.verify()
    return corpus


def folder_of(config: CorpusConfig, recipe: dict[str, object], output: Path) -> Path:
    """Where the prepared corpus of a recipe is kept, whether or not it is there yet."""
    return output / "corpora" / f"{config.name}-{content_hash(recipe)}"


def recipe_of(config: CorpusConfig) -> dict[str, object]:
    """Return everything that the prepared corpus is made from, as plain values.

    Local files count by relative path, size and time of change, so moving the folder as a
    whole changes nothing.

    Raises:
        UserError: The corpus' root is missing.
    """
    if isinstance(config, LibriSpeech):
        from sim_study.data.librispeech.recipe import recipe_of_librispeech

        return recipe_of_librispeech(config)
    recipe: dict[str, object] = {
        "format": FORMAT_VERSION,
        "rate_hz": RATE_HZ,
        "word_samples": WORD_SAMPLES,
        "syllable_samples": SYLLABLE_SAMPLES,
    }
    if isinstance(config, ArtificialSpeech):
        root = root_of(config)
        recipe["name"] = config.name
        recipe["files"] = content_hash(
            [
                [path.relative_to(root).as_posix(), stat.st_size, stat.st_mtime_ns]
                for path in list_files(root)
                if (stat := path.stat())
            ],
            length=64,
        )
    else:
        recipe |= config.model_dump(mode="json")
        recipe["espeakng_loader"] = version("espeakng-loader")
    return recipe


def _material(
    config: SyntheticSpeech | ArtificialSpeech, report: Callable[[str], None]
) -> Material:
    if isinstance(config, ArtificialSpeech):
        return read_artificial_speech(root_of(config), report)
    # Imported here, so that studies of recordings do not need espeak-ng.
    from sim_study.data.synthetic_speech.synthesise import synthesise

    return synthesise(config, report)


def _make(
    config: CorpusConfig, recipe: dict[str, object], folder: Path, report: Callable[[str], None]
) -> None:
    partial = folder.with_name(f".{folder.name}.partial")
    if isinstance(config, LibriSpeech):
        _stream(config, recipe, partial, folder, report)
        return
    shutil.rmtree(partial, ignore_errors=True)  # left by an interrupted preparation
    partial.mkdir()
    try:
        _write(config, recipe, partial, report)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _stream(
    config: LibriSpeech,
    recipe: dict[str, object],
    partial: Path,
    folder: Path,
    report: Callable[[str], None],
) -> None:
    """Make a corpus too large to be made anew after an interruption: what is whole is kept."""
    from sim_study.data.librispeech.stream import PROGRESS, stream

    write_description(partial, stream(config, recipe, partial, report))
    partial.rename(folder)
    shutil.rmtree(folder / PROGRESS)


def _write(
    config: SyntheticSpeech | ArtificialSpeech,
    recipe: dict[str, object],
    folder: Path,
    report: Callable[[str], None],
) -> None:
    material = _material(config, report)
    report(f"{config.name}: writing")
    fingerprint = hashlib.sha256()
    files, classes = {}, {}
    for (form, split), clips in material.items():
        path = folder / file_name(form, split)
        write_clips(path, clips)
        files[path.name] = FileRecord(
            clips=len(clips), bytes=path.stat().st_size, sha256=file_sha256(path)
        )
        classes.update(clips.classes)
        fingerprint.update(path.name.encode() + content_digest(clips))
    description = Description(
        name=config.name,
        fingerprint=fingerprint.hexdigest(),
        recipe=recipe,
        classes=classes,
        files=files,
    )
    write_description(folder, description)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the right to prepare one corpus; the lock dies with the process."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f".{folder.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
