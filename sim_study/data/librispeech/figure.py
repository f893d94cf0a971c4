"""A picture of a librispeech: a few utterances with their phones, and how frequent phones are."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from sim_study.config.geometry import FRAME_SAMPLES
from sim_study.data.audio import RATE_HZ
from sim_study.data.clip_files.figure import draw_mel
from sim_study.data.clips import SPLITS
from sim_study.data.librispeech.corpus import LibriSpeechCorpus
from sim_study.data.librispeech.layout import speaker_of
from sim_study.data.librispeech.tables import phone_shares

_UTTERANCES = 4
_SECONDS = 3.0
_COLOURS = {"train": "#2a5b8c", "test": "#d98a29"}


def draw_utterances(corpus: LibriSpeechCorpus, path: Path) -> None:
    """Draw three seconds of four utterances, phones above them, and the share of each phone."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    has_phones = corpus.utterances("train") is not None
    figure = Figure(figsize=(14, 13 if has_phones else 10), layout="constrained")
    FigureCanvasAgg(figure)
    ratios = [1.0] * _UTTERANCES + ([1.3] if has_phones else [])
    axes: Any = figure.subplots(len(ratios), 1, height_ratios=ratios)
    figure.suptitle(f"{corpus.name}: utterances of the training split", fontsize=14)
    for axis, number in zip(axes, _examples(corpus), strict=False):
        _draw_utterance(axis, corpus, number)
    for unused in axes[len(_examples(corpus)) : _UTTERANCES]:
        unused.set_visible(False)
    axes[_UTTERANCES - 1].set_xlabel("seconds of the utterance")
    if has_phones:
        _draw_shares(axes[-1], corpus)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)


def _examples(corpus: LibriSpeechCorpus) -> list[int]:
    """Numbers of a few training utterances of different speakers, with phones where there are."""
    mapped = corpus.mapped()
    labelled = corpus.utterances("train")
    numbers = mapped.split["train"] if labelled is None else labelled.groups
    first: dict[str, int] = {}
    for number in numbers.tolist():
        first.setdefault(speaker_of(mapped.rows[number].id), number)
    chosen = list(first.values())
    rows = np.unique(np.linspace(0, len(chosen) - 1, _UTTERANCES).astype(int))
    return [chosen[row] for row in rows]


def _draw_utterance(axis: Any, corpus: LibriSpeechCorpus, number: int) -> None:
    """Draw an utterance's mel spectrogram from where speech begins, with its phones."""
    mapped = corpus.mapped()
    row, sound = mapped.rows[number], mapped.recordings(np.array([number])).parts[0]
    phones = None if row.phones is None else np.asarray(row.phones, np.int64)
    # Phones belong to the last frames, should there be fewer than frames.
    offset = 0 if phones is None else len(sound) // FRAME_SAMPLES - len(phones)
    begin = 0.0
    if phones is not None and phones.any():
        begin = max(0.0, (offset + int(np.flatnonzero(phones)[0])) / 100 - 0.1)
    begin = max(0.0, min(begin, len(sound) / RATE_HZ - _SECONDS))
    piece = sound[int(begin * RATE_HZ) : int((begin + _SECONDS) * RATE_HZ)]
    draw_mel(axis, piece, begin)
    axis.set_ylabel("mel band")
    length = len(sound) / RATE_HZ
    title = f"{row.id}  ·  speaker {speaker_of(row.id)}  ·  {length:.1f} s in all"
    axis.set_title(title, fontsize=11, loc="left", pad=4 if phones is None else 20)
    if phones is not None:
        _write_phones(
            axis, phones, offset, (begin, begin + len(piece) / RATE_HZ), mapped.classes["phone"]
        )


def _write_phones(
    axis: Any,
    phones: np.ndarray,
    offset: int,
    shown: tuple[float, float],
    names: tuple[str, ...],
) -> None:
    """Write each phone above the time that it takes, and mark where it ends."""
    changes = np.flatnonzero(np.diff(phones)) + 1
    bounds = [0, *changes.tolist(), len(phones)]
    top = axis.get_ylim()[1]
    for first, last in pairwise(bounds):
        start, stop = (offset + first) / 100, (offset + last) / 100
        left, right = max(start, shown[0]), min(stop, shown[1])
        if right <= left:
            continue
        axis.text(
            (left + right) / 2,
            top * 1.02,
            names[phones[first]],
            ha="center",
            va="bottom",
            fontsize=9 if right - left >= 0.045 else 7,
        )
        axis.axvline(right, color="white", linewidth=0.6, alpha=0.6)


def _draw_shares(axis: Any, corpus: LibriSpeechCorpus) -> None:
    names = corpus.mapped().classes["phone"]
    places = np.arange(len(names))
    for index, split in enumerate(SPLITS):
        shares = 100 * phone_shares(corpus, split)
        axis.bar(places + 0.4 * (index - 0.5), shares, 0.4, label=split, color=_COLOURS[split])
    axis.set_xticks(places, names, fontsize=9)
    axis.set_xlim(-0.6, len(names) - 0.4)
    axis.set_ylabel("% of labelled frames")
    axis.set_title("phones", fontsize=11, loc="left")
    axis.legend(frameon=False)
    axis.spines[["top", "right"]].set_visible(False)
