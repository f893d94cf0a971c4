"""A picture of a corpus: waveform and mel spectrogram of a few words and of every syllable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from sim_study.data.audio import FULL_SCALE, RATE_HZ, to_float
from sim_study.data.clips import Clips
from sim_study.data.corpus import Corpus
from sim_study.data.syllables.alphabet import CONSONANTS, SYLLABLES, VOWELS

_WINDOW_SAMPLES = 400
_HOP_SAMPLES = 80
_MEL_BANDS = 64
RANGE_DB = 70.0
_WAVE_COLOUR = "#2a5b8c"


def mel_db(samples: np.ndarray) -> np.ndarray:
    """Return mel spectrograms in dB below each clip's loudest point.

    Args:
        samples: (..., sample) int16 at 16 kHz.

    Returns:
        (..., mel band, frame) float32; 25 ms windows every 5 ms, 64 bands from 0 to 8 kHz;
        floor at -70 dB.
    """
    from torchaudio.transforms import MelSpectrogram

    transform = MelSpectrogram(
        RATE_HZ, n_fft=1024, win_length=_WINDOW_SAMPLES, hop_length=_HOP_SAMPLES, n_mels=_MEL_BANDS
    )
    power = transform(to_float(samples)).numpy()
    loudest = power.max(axis=(-2, -1), keepdims=True).clip(1e-20)
    decibels: np.ndarray = 10 * np.log10((power / loudest).clip(1e-20))
    return decibels.clip(-RANGE_DB)


def draw_corpus(corpus: Corpus, path: Path) -> None:
    """Draw three training words and one training clip of each syllable to a PNG file."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    words, syllables = corpus.decoder_clips("train"), corpus.probe_clips("train")
    figure = Figure(figsize=(13, 15), layout="constrained")
    FigureCanvasAgg(figure)
    halves: Any = figure.subfigures(2, 1, height_ratios=[1, 2.6])
    top, bottom = halves
    chosen_words = np.linspace(0, len(words) - 1, 3).astype(int)
    top.suptitle(f"{corpus.name}: three words of the training split", fontsize=14)
    _draw_row(top.subplots(2, 3, **_SHARED), words, chosen_words, last=True)
    bottom.suptitle("one training clip of each syllable", fontsize=14)
    axes = bottom.subplots(2 * len(CONSONANTS), len(VOWELS), **_SHARED)
    for index in range(len(CONSONANTS)):
        codes = range(index * len(VOWELS), (index + 1) * len(VOWELS))
        chosen = np.array([_example(syllables, code) for code in codes])
        rows = axes[2 * index : 2 * index + 2]
        _draw_row(rows, syllables, chosen, last=index == len(CONSONANTS) - 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)


_SHARED: dict[str, Any] = {"sharex": True, "sharey": "row"}


def _example(syllables: Clips, code: int) -> int:
    """The first clip of a syllable in the middle of a word; any clip when there is none there."""
    of_kind = syllables.labels["syllable"] == code
    middle = np.flatnonzero(of_kind & (syllables.labels["position"] == 1))
    found = middle if len(middle) else np.flatnonzero(of_kind)
    return int(found[0]) if len(found) else 0


def _draw_row(axes: Any, clips: Clips, chosen: np.ndarray, *, last: bool) -> None:
    """Draw clips side by side on axes (2, clip): waveforms above mel spectrograms."""
    duration = clips.samples.shape[1] / RATE_HZ
    seconds = np.arange(clips.samples.shape[1]) / RATE_HZ
    for column, clip in enumerate(chosen):
        wave, mel = axes[0][column], axes[1][column]
        wave.plot(seconds, clips.samples[clip] / FULL_SCALE, linewidth=0.5, color=_WAVE_COLOUR)
        wave.set_title(_title(clips, int(clip)), fontsize=11)
        wave.set(ylim=(-1, 1), yticks=(-0.5, 0, 0.5))
        bands = mel_db(clips.samples[clip])
        mel.imshow(
            bands,
            origin="lower",
            aspect="auto",
            extent=(0, duration, 0, len(bands)),
            cmap="magma",
            vmin=-RANGE_DB,
            vmax=0,
        )
        if last:
            mel.set_xlabel("seconds")
    axes[0][0].set_ylabel("amplitude")
    axes[1][0].set_ylabel("mel band")


def _title(clips: Clips, clip: int) -> str:
    parts = [clips.ids[clip]]
    if "syllable" in clips.labels:
        parts.insert(0, SYLLABLES[clips.labels["syllable"][clip]])
    if "voice" in clips.labels:
        parts.append(clips.classes["voice"][clips.labels["voice"][clip]])
    return "  ·  ".join(parts)
