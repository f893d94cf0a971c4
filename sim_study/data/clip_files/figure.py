"""A picture of a corpus: waveform and mel spectrogram of a few clips and of every class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from sim_study.data.audio import FULL_SCALE, RATE_HZ, to_float
from sim_study.data.clips import Clips
from sim_study.data.corpus import Corpus

_RANGE_DB = 70.0
_WAVE_COLOUR = "#2a5b8c"
_PHONE_COLOURS = {"consonant": "#d98a29", "vowel": "#3f9b5f"}


def mel_db(samples: np.ndarray) -> np.ndarray:
    """Return mel spectrograms in dB below each clip's loudest point.

    Args:
        samples: (..., sample) int16 at 16 kHz.

    Returns:
        (..., mel band, frame) float32; 25 ms windows every 5 ms, 64 bands from 0 to 8 kHz;
        floor at -70 dB.
    """
    from torchaudio.transforms import MelSpectrogram

    transform = MelSpectrogram(RATE_HZ, n_fft=1024, win_length=400, hop_length=80, n_mels=64)
    power = transform(to_float(samples)).numpy()
    loudest = power.max(axis=(-2, -1), keepdims=True).clip(1e-20)
    decibels: np.ndarray = 10 * np.log10((power / loudest).clip(1e-20))
    return decibels.clip(-_RANGE_DB)


def draw_mel(axis: Any, samples: np.ndarray, begin: float = 0.0) -> None:
    """Draw the mel spectrogram of a sound (sample,) int16 that begins at so many seconds."""
    bands = mel_db(samples)
    axis.imshow(
        bands,
        origin="lower",
        aspect="auto",
        extent=(begin, begin + len(samples) / RATE_HZ, 0, len(bands)),
        cmap="magma",
        vmin=-_RANGE_DB,
        vmax=0,
    )


def draw_corpus(corpus: Corpus, label: str, path: Path) -> None:
    """Draw three training clips, and one of each class of a label, to a PNG file."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    learnt, labelled = corpus.decoder_clips("train"), corpus.probe_clips("train")
    classes = labelled.classes[label]
    bands = -(-len(classes) // _COLUMNS)
    figure = Figure(figsize=(13, 4.2 + 3.6 * bands), layout="constrained")
    FigureCanvasAgg(figure)
    halves: Any = figure.subfigures(2, 1, height_ratios=[1, 0.87 * bands])
    top, bottom = halves
    chosen = np.linspace(0, len(learnt) - 1, _COLUMNS).astype(int)
    top.suptitle(f"{corpus.name}: three clips that encoders learn from", fontsize=14)
    _draw_row(top.subplots(2, _COLUMNS, **_SHARED), learnt, chosen, label, last=True)
    shaded = ": consonant orange, vowel green" if "vowel" in labelled.spans else ""
    bottom.suptitle(f"one training clip of each {label}{shaded}", fontsize=14)
    axes = bottom.subplots(2 * bands, _COLUMNS, **_SHARED)
    for band in range(bands):
        codes = range(len(classes))[band * _COLUMNS : (band + 1) * _COLUMNS]
        rows = axes[2 * band : 2 * band + 2]
        examples = np.array([_example(labelled, label, code) for code in codes])
        _draw_row(rows, labelled, examples, label, last=band == bands - 1)
        for unused in rows[:, len(codes) :].flat:
            unused.set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)


_COLUMNS = 3
_SHARED: dict[str, Any] = {"sharex": True, "sharey": "row"}


def _example(clips: Clips, label: str, code: int) -> int:
    """A clip of a class, from the middle of a word where there is such a one."""
    of_kind = clips.labels[label] == code
    middle = clips.labels.get("position", np.zeros(len(clips))) == 1
    found = np.flatnonzero(of_kind & middle)
    found = found if len(found) else np.flatnonzero(of_kind)
    return int(found[0]) if len(found) else 0


def _draw_row(axes: Any, clips: Clips, chosen: np.ndarray, label: str, *, last: bool) -> None:
    """Draw clips side by side on axes (2, clip): waveforms above mel spectrograms."""
    seconds = np.arange(clips.samples.shape[1]) / RATE_HZ
    for column, clip in enumerate(chosen):
        wave, mel = axes[0][column], axes[1][column]
        wave.plot(seconds, clips.samples[clip] / FULL_SCALE, linewidth=0.5, color=_WAVE_COLOUR)
        wave.set_title(_title(clips, int(clip), label), fontsize=11)
        for phone in ("consonant", "vowel"):
            if phone in clips.spans:
                begin, end = clips.spans[phone][clip] / RATE_HZ
                wave.axvspan(begin, end, color=_PHONE_COLOURS[phone], alpha=0.25, linewidth=0)
        wave.set(ylim=(-1, 1), yticks=(-0.5, 0, 0.5))
        draw_mel(mel, clips.samples[clip])
        if last:
            mel.set_xlabel("seconds")
    axes[0][0].set_ylabel("amplitude")
    axes[1][0].set_ylabel("mel band")


def _title(clips: Clips, clip: int, label: str) -> str:
    parts = [clips.ids[clip]]
    if label in clips.labels:
        parts.insert(0, _class(clips, label, clip))
    if "voice" in clips.labels:
        parts.append(_class(clips, "voice", clip))
    return "  ·  ".join(parts)


def _class(clips: Clips, label: str, clip: int) -> str:
    return clips.classes[label][int(clips.labels[label][clip])]
