"""Decoded words to listen to and to look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile
import torch

from sim_study.data.audio import RATE_HZ
from sim_study.downstream.decoder_losses import MEL_FLOOR
from sim_study.downstream.mel import mel_power

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MEL_WINDOW_SAMPLES = 512
MEL_HOP_SAMPLES = 128
MEL_BANDS = 64
SHOWN_DECIBELS = 80


def write_reconstructions(
    folder: Path, ids: Sequence[str], originals: np.ndarray, reconstructions: np.ndarray
) -> list[Path]:
    """Write every word twice as WAV, and one figure that shows them side by side.

    Args:
        folder: Made when missing.
        ids: Names of the words.
        originals: (sounds, sample), amplitude in [-1, 1], 16 kHz.
        reconstructions: (sounds, sample); amplitudes beyond [-1, 1] are clipped.

    Returns:
        The files: original_<id>.wav, reconstructed_<id>.wav and, unless there are no sounds,
        reconstructions.png.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, original, decoded in zip(ids, originals, reconstructions, strict=True):
        for kind, sound in (("original", original), ("reconstructed", decoded)):
            path = folder / f"{kind}_{name}.wav"
            soundfile.write(path, np.clip(sound, -1, 1), RATE_HZ, subtype="PCM_16")
            paths.append(path)
    if len(ids):
        path = folder / "reconstructions.png"
        reconstruction_figure(ids, originals, reconstructions).savefig(path, dpi=110)
        paths.append(path)
    return paths


def reconstruction_figure(
    ids: Sequence[str], originals: np.ndarray, reconstructions: np.ndarray
) -> Figure:
    """Draw a row a word: waveforms, then mel spectrograms, original left of reconstruction.

    Args:
        ids: Names of the words.
        originals: (sounds, sample), 16 kHz.
        reconstructions: (sounds, sample), 16 kHz.
    """
    from matplotlib.figure import Figure  # not before there is something to draw

    # Fixed margins: looking for ones that fit every text takes half of the drawing's time.
    height = 0.7 + 2.2 * len(ids)  # inches
    figure = Figure(figsize=(14, height))
    axes = figure.subplots(
        len(ids),
        4,
        squeeze=False,
        gridspec_kw={
            "left": 0.055,
            "right": 0.98,
            "top": 1 - 0.35 / height,
            "bottom": 0.55 / height,
            "hspace": 0.35,
            "wspace": 0.3,
        },
    )
    for row, name, original, decoded in zip(axes, ids, originals, reconstructions, strict=True):
        seconds = np.arange(len(original)) / RATE_HZ
        highest = max(float(np.abs(original).max()), float(np.abs(decoded).max()), 1e-3) * 1.05
        # Both spectrograms share the original's colours, so that a weak copy looks weak.
        brightest = float(_decibels(original).max())
        for column, (kind, sound) in enumerate((("original", original), ("decoded", decoded))):
            wave, spectrogram = row[column], row[column + 2]
            wave.plot(seconds, sound, linewidth=0.5, color=f"C{column}")
            wave.set(title=f"{name}, {kind}", ylabel="amplitude")
            wave.set_ylim(-highest, highest)
            image = spectrogram.imshow(
                _decibels(sound),
                origin="lower",
                aspect="auto",
                extent=(0, len(sound) / RATE_HZ, 0, MEL_BANDS),
                vmin=brightest - SHOWN_DECIBELS,
                vmax=brightest,
            )
            spectrogram.set(title=f"{name}, {kind}", ylabel="mel band")
        figure.colorbar(image, ax=row[3], label="dB")
    for panel in axes[-1]:
        panel.set_xlabel("time (s)")
    return figure


def _decibels(sound: np.ndarray) -> np.ndarray:
    """Return log mel power (band, frame) in decibels of a waveform (sample,)."""
    audio = torch.from_numpy(np.ascontiguousarray(sound)).double()[None, None]  # (1, 1, T)
    power = mel_power(audio, MEL_WINDOW_SAMPLES, MEL_HOP_SAMPLES, MEL_BANDS)[0]  # (M, L)
    decibels: np.ndarray = (10 * torch.log10(power.clamp(min=MEL_FLOOR))).numpy()
    return decibels
