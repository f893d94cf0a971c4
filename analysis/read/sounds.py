"""Decoded sounds to listen to: arms side by side, beside the original, and each decoder's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.read.configurations import Configuration, finished_runs
from analysis.read.runs import Run
from sim_study.config.decoder import DecoderConfig
from sim_study.ledger.sound_list import (
    ORIGINAL,
    OTHER_SOUNDS,
    RECONSTRUCTED,
    SOUND_LIST,
    read_sound_list,
)
from sim_study.naming.result_keys import layer_title


@dataclass(frozen=True)
class DecodedWord:
    """One word, decoded from several encoders.

    Args:
        word: The clip's name.
        original: The recording.
        decoded: (title, file) of each reconstruction.
    """

    word: str
    original: Path
    decoded: tuple[tuple[str, Path], ...]


@dataclass(frozen=True)
class SoundTable:
    """What one decoder says that is no test word: draws, ways between words, along dimensions.

    Args:
        decoder: Whose, such as "sim, module 2, mse_mel".
        name: One of `OTHER_SOUNDS`.
        picture: All of its sounds as pictures.
        rows: (title, file) of sounds that are to be compared, a row each.
    """

    decoder: str
    name: str
    picture: Path
    rows: tuple[tuple[tuple[str, Path], ...], ...]


def decoded_words(
    runs: Sequence[Run], configurations: Sequence[Configuration]
) -> list[DecodedWord]:
    """Collect the words that decoders of one seed of each of the configurations wrote."""
    originals: dict[str, Path] = {}
    decoded: dict[str, list[tuple[str, Path]]] = {}
    for title, artifacts in _decoders(runs, configurations):
        # Studies of before have these files beside the folders that are written now.
        for path in sorted(artifacts.rglob(f"{RECONSTRUCTED}*.wav")):
            word = path.stem.removeprefix(RECONSTRUCTED)
            original = path.with_name(f"{ORIGINAL}{word}.wav")
            if original.exists():
                originals.setdefault(word, original)
                decoded.setdefault(word, []).append((title, path))
    return [DecodedWord(word, originals[word], tuple(files)) for word, files in decoded.items()]


def sound_tables(runs: Sequence[Run], configurations: Sequence[Configuration]) -> list[SoundTable]:
    """Collect everything else that the same decoders wrote, decoder by decoder."""
    return [
        SoundTable(title, name, folder / f"{name}.png", _rows(folder))
        for title, artifacts in _decoders(runs, configurations)
        for name in OTHER_SOUNDS
        if ((folder := artifacts / name) / SOUND_LIST).exists()
    ]


def _rows(folder: Path) -> tuple[tuple[tuple[str, Path], ...], ...]:
    rows: dict[int, list[tuple[str, Path]]] = {}
    for sound in read_sound_list(folder):
        rows.setdefault(sound.row, []).append((sound.title, folder / sound.file))
    return tuple(tuple(row) for row in rows.values())


def _decoders(
    runs: Sequence[Run], configurations: Sequence[Configuration]
) -> Iterator[tuple[str, Path]]:
    """Yield title and artifacts of the decoders that speak for each configuration.

    Those are its first seed's that counts and has a finished decoder.
    """
    for one in configurations:
        finished = finished_runs(runs, one, "decoder")
        mine = [run for run in finished if run.encoder.seed in one.counted_seeds]
        first = min((run.encoder.seed for run in mine), default=None)
        for run in mine:
            config = run.trial.config if run.trial else None
            if run.encoder.seed == first and isinstance(config, DecoderConfig):
                layer = layer_title(f"module_{config.module}")
                yield f"{run.encoder.arm}, {layer}, {config.loss}", run.folder.artifacts
