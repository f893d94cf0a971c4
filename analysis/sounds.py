"""Decoded words to listen to: arms side by side, beside the original."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.configurations import Configuration
from analysis.runs import Run
from sim_study.config.decoder import DecoderConfig
from sim_study.views.layers import layer_title

ORIGINAL, RECONSTRUCTED = "original_", "reconstructed_"


@dataclass(frozen=True)
class Sound:
    """One word, decoded from several encoders.

    Args:
        word: The clip's name.
        original: The recording.
        decoded: (title, file) of each reconstruction.
    """

    word: str
    original: Path
    decoded: tuple[tuple[str, Path], ...]


def sounds(runs: Sequence[Run], configurations: Sequence[Configuration]) -> list[Sound]:
    """Collect the words that decoders of the given configurations wrote.

    One seed speaks for each configuration: the first that counts and has a finished decoder.

    Args:
        runs: A study's trials.
        configurations: Whose decoders.
    """
    originals: dict[str, Path] = {}
    decoded: dict[str, list[tuple[str, Path]]] = {}
    for run in _speakers(runs, configurations):
        config = run.trial.config if run.trial else None
        if not isinstance(config, DecoderConfig):
            continue
        title = f"{run.encoder.arm}, {layer_title(f'module_{config.module}')}, {config.loss}"
        for path in sorted(run.folder.artifacts.rglob(f"{RECONSTRUCTED}*.wav")):
            word = path.stem.removeprefix(RECONSTRUCTED)
            original = path.with_name(f"{ORIGINAL}{word}.wav")
            if original.exists():
                originals.setdefault(word, original)
                decoded.setdefault(word, []).append((title, path))
    return [Sound(word, originals[word], tuple(files)) for word, files in decoded.items()]


def _speakers(runs: Sequence[Run], configurations: Sequence[Configuration]) -> list[Run]:
    decoders = [run for run in runs if run.member.stage == "decoder" and run.status == "finished"]
    chosen = []
    for one in configurations:
        mine = [
            run
            for run in decoders
            if (run.encoder.arm, run.encoder.config_hash) == (one.arm, one.config_hash)
            and run.encoder.seed in one.counted_seeds
        ]
        if mine:
            seed = min(run.encoder.seed for run in mine)
            chosen += [run for run in mine if run.encoder.seed == seed]
    return chosen
