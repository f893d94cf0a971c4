"""Sounds to listen to and to look at: a folder of WAV files, a table of them, and one picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile
import torch

from sim_study.data.audio import RATE_HZ
from sim_study.downstream.decoders.losses import MEL_FLOOR
from sim_study.downstream.decoders.mel import mel_power
from sim_study.ledger.sound_list import ListedSound, write_sound_list

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PICTURE_WINDOW_SAMPLES = 512
PICTURE_HOP_SAMPLES = 128
PICTURE_BANDS = 64
SHOWN_DECIBELS = 80


@dataclass(frozen=True)
class Sound:
    """One sound.

    Args:
        name: Of its file, without the ending.
        title: Above its picture.
        samples: (sample,) amplitude at 16 kHz; full scale is 1, and nothing is clipped.
    """

    name: str
    title: str
    samples: np.ndarray


@dataclass(frozen=True)
class SoundFolder:
    """Sounds of one kind.

    Args:
        name: Of the folder, and of the picture in it.
        about: What is to be heard, in a sentence.
        rows: Sounds that are to be compared with each other, a row each.
    """

    name: str
    about: str
    rows: tuple[tuple[Sound, ...], ...]


def write_sounds(folder: Path, sounds: SoundFolder) -> None:
    """Write every sound as 16-bit WAV, `sounds.csv` and a picture of mel spectrograms.

    A row whose loudest sound exceeds full scale is turned down as a whole, so that its sounds stay
    comparable and none is clipped; the gain is in the table. Nothing is turned up.

    Args:
        folder: Gets a folder of their name; nothing is written for one without sounds.
        sounds: What to write.
    """
    if not any(sounds.rows):
        return
    own = folder / sounds.name
    own.mkdir(parents=True, exist_ok=True)
    listed = []
    for number, row in enumerate(sounds.rows):
        gain = 1 / max(1.0, *(_peak(sound) for sound in row))
        for sound in row:
            file = f"{sound.name}.wav"
            soundfile.write(own / file, sound.samples * gain, RATE_HZ, subtype="PCM_16")
            listed.append(ListedSound(number, sound.title, file, _peak(sound), gain))
    write_sound_list(own, listed)
    sounds_figure(sounds).savefig(own / f"{sounds.name}.png", dpi=80)


def sounds_figure(sounds: SoundFolder) -> Figure:
    """Draw the rows: of each sound the waveform, and its mel spectrogram below.

    The sounds of a row share amplitude axis and colours, so that a weak copy looks weak.

    Args:
        sounds: At least one sound.
    """
    from matplotlib.figure import Figure  # not before there is something to draw

    columns, rows = max(len(row) for row in sounds.rows), len(sounds.rows)
    # Fixed margins: looking for ones that fit every text takes half of the drawing's time.
    width, height = 1.2 + 2.6 * columns, 1.0 + 2.1 * rows  # inches
    figure = Figure(figsize=(width, height))
    left = 0.65 / width
    figure.text(left, 1 - 0.12 / height, sounds.about, fontsize=9, va="top", wrap=True)
    stripes = figure.add_gridspec(
        rows,
        left=left,
        right=1 - 0.15 / width,
        top=1 - 0.65 / height,
        bottom=0.45 / height,
        hspace=0.17,
    )
    for number, row in enumerate(sounds.rows):
        panels = stripes[number].subgridspec(
            2, columns, height_ratios=[1, 2.6], hspace=0.05, wspace=0.06
        )
        images = [_decibels(sound.samples) for sound in row]  # each (M, L)
        brightest = max(float(image.max()) for image in images)
        highest = 1.05 * max(1e-3, *(_peak(sound) for sound in row))
        for column, (sound, image) in enumerate(zip(row, images, strict=True)):
            wave, spectrogram = (figure.add_subplot(panels[half, column]) for half in (0, 1))
            seconds = len(sound.samples) / RATE_HZ
            wave.plot(np.arange(len(sound.samples)) / RATE_HZ, sound.samples, linewidth=0.4)
            wave.set(xlim=(0, seconds), ylim=(-highest, highest))
            wave.set_title(sound.title, fontsize=8, pad=3)
            spectrogram.imshow(
                image,
                origin="lower",
                aspect="auto",
                extent=(0, seconds, 0, PICTURE_BANDS),
                vmin=brightest - SHOWN_DECIBELS,
                vmax=brightest,
            )
            wave.tick_params(labelsize=7, labelleft=column == 0, labelbottom=False, bottom=False)
            is_last = number == rows - 1
            spectrogram.tick_params(labelsize=7, labelleft=column == 0, labelbottom=is_last)
            if column == 0:
                spectrogram.set_ylabel("mel band", fontsize=7)
            if is_last:
                spectrogram.set_xlabel("time (s)", fontsize=7)
    return figure


def spread(count: int, of: int) -> list[int]:
    """Return up to `count` indices below `of`, evenly spread from first to last."""
    rows: list[int] = np.linspace(0, of - 1, min(count, of)).round().astype(int).tolist()
    return rows


def _peak(sound: Sound) -> float:
    return float(np.abs(sound.samples).max())


def _decibels(samples: np.ndarray) -> np.ndarray:
    """Return log mel power (band, frame) in decibels of a waveform (sample,)."""
    audio = torch.from_numpy(np.ascontiguousarray(samples)).double()[None, None]  # (1, 1, T)
    power = mel_power(audio, PICTURE_WINDOW_SAMPLES, PICTURE_HOP_SAMPLES, PICTURE_BANDS)[0]
    decibels: np.ndarray = (10 * torch.log10(power.clamp(min=MEL_FLOOR))).numpy()  # (M, L)
    return decibels
