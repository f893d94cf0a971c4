"""Recordings of one's own as a corpus, without code: `python examples/own_recordings.py DIR`.

Any 16 kHz speech in LibriSpeech's layout is a corpus named `librispeech`:

    DIR/LibriSpeech/<subset>/<speaker>/<chapter>/<speaker>-<chapter>-<number>.flac

Here two "speakers" hum. Afterwards

    python -m sim_study.corpus inspect librispeech --set corpus.root=DIR

shows what is in it, and `search_spaces/librispeech.yaml` asks about its speakers. What a corpus
with labels and a form of its own needs is in examples/README.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import soundfile

RATE_HZ = 16_000
PITCHES_HZ = {"101": 120.0, "102": 210.0}
UTTERANCES = 10
SECONDS = 2.0


def hum(pitch_hz: float, seed: int) -> np.ndarray:
    """Return (sample,) float in [-1, 1): a gliding tone with a little noise."""
    generator = np.random.default_rng(seed)
    time = np.arange(int(SECONDS * RATE_HZ)) / RATE_HZ
    glide = 1 + 0.1 * generator.normal() * time
    tone = np.sin(2 * np.pi * np.cumsum(pitch_hz * glide) / RATE_HZ)
    return 0.3 * tone + 0.01 * generator.normal(size=len(time))


def main(folder: Path = Path("hummed")) -> None:
    """Write the recordings, a folder a speaker."""
    for speaker, pitch_hz in PITCHES_HZ.items():
        chapter = folder / "LibriSpeech" / "hummed" / speaker / "1"
        chapter.mkdir(parents=True, exist_ok=True)
        for number in range(UTTERANCES):
            path = chapter / f"{speaker}-1-{number:04}.flac"
            soundfile.write(path, hum(pitch_hz, number), RATE_HZ, subtype="PCM_16")
    print(f"{len(PITCHES_HZ) * UTTERANCES} recordings in {folder}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
