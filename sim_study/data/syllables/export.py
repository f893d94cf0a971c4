"""Writes a corpus' clips as WAV files, to listen to."""

from __future__ import annotations

from pathlib import Path

import soundfile

from sim_study.data.clips import FORMS, SPLITS
from sim_study.data.corpus import Corpus


def write_wavs(corpus: Corpus, folder: Path) -> int:
    """Write every clip to folder/<form>/<split>/<id>.wav, 16-bit mono at 16 kHz.

    Returns:
        Number of files written.
    """
    written = 0
    for form in FORMS:
        for split in SPLITS:
            clips = corpus.clips(form, split)
            target = folder / form / split
            target.mkdir(parents=True, exist_ok=True)
            for name, samples in zip(clips.ids, clips.samples, strict=True):
                soundfile.write(target / f"{name}.wav", samples, corpus.rate_hz, "PCM_16")
            written += len(clips)
    return written
