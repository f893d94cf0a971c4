"""What a corpus holds, as tables: counts, durations, levels and class balance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from rich import box
from rich.console import JustifyMethod
from rich.table import Table

from sim_study.data.audio import FULL_SCALE
from sim_study.data.clips import FORMS, SPLITS, Clips
from sim_study.data.corpus import Corpus

_STYLE: dict[str, Any] = {"title_justify": "left", "box": box.SIMPLE_HEAD, "pad_edge": False}


def counts_table(corpus: Corpus) -> Table:
    """Tabulate clips, durations, levels and spoken words for each form and split."""
    table = Table(title=f"{corpus.name}: clips", **_STYLE)
    numbers = ("clips", "seconds", "sounds", "peak", "clipped", "words", "shared")
    for heading in ("form", "split", *numbers):
        justify: JustifyMethod = "right" if heading in numbers else "left"
        table.add_column(heading, justify=justify, no_wrap=True)
    for form in FORMS:
        trained = np.unique(corpus.clips(form, "train").groups)
        for split in SPLITS:
            clips = corpus.clips(form, split)
            seconds = clips.samples.shape[1] / corpus.rate_hz
            spoken = np.unique(clips.groups)
            table.add_row(
                form,
                split,
                str(len(clips)),
                f"{seconds:.3f}",
                f"{np.median(sounding_samples(clips)) / corpus.rate_hz:.3f}",
                f"{np.median(peaks(clips)):.2f}",
                str(int((peaks(clips) >= (FULL_SCALE - 1) / FULL_SCALE).sum())),
                str(len(spoken)),
                "" if split == "train" else str(len(np.intersect1d(spoken, trained))),
            )
    table.caption = (
        "seconds: length of a clip; sounds: median seconds from first to last non-zero sample; "
        "peak: median, fraction of full scale; clipped: clips that reach full scale; words: "
        "spoken words the clips come from; shared: how many of them the training split has too"
    )
    table.caption_justify = "left"
    return table


def balance_table(corpus: Corpus) -> Table:
    """Tabulate how many syllable clips of each split belong to each class of each factor."""
    table = Table(title=f"{corpus.name}: syllables, by class", **_STYLE)
    table.add_column("factor")
    splits = {split: corpus.syllables(split) for split in SPLITS}
    for split in SPLITS:
        table.add_column(split)
    for factor in splits["train"].labels:
        table.add_row(factor, *(_balance(clips, factor) for clips in splits.values()))
    for factor in splits["train"].values:
        ranges = (clips.values[factor] for clips in splits.values())
        table.add_row(factor, *(f"{values.min():g} to {values.max():g}" for values in ranges))
    return table


def peaks(clips: Clips) -> np.ndarray:
    """Return the largest magnitude of each clip, as a fraction of full scale: (clip,)."""
    return np.array([np.abs(row.astype(np.int32)).max() for row in clips.samples]) / FULL_SCALE


def sounding_samples(clips: Clips) -> np.ndarray:
    """Return the samples from the first to the last non-zero one, for each clip: (clip,)."""
    return np.array(list(_sounding(clips)))


def _sounding(clips: Clips) -> Iterator[int]:
    for row in clips.samples:
        heard = np.flatnonzero(row)
        yield int(heard[-1] - heard[0] + 1) if len(heard) else 0


def _balance(clips: Clips, factor: str) -> str:
    names = clips.classes[factor]
    counts = np.bincount(clips.labels[factor], minlength=len(names))
    return "  ".join(f"{name} {count}" for name, count in zip(names, counts, strict=True))
