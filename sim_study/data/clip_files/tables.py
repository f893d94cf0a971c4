"""What a corpus of clips holds, as tables: counts, durations, levels and class balance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from rich import box
from rich.console import JustifyMethod
from rich.table import Table

from sim_study.data.audio import FULL_SCALE, RATE_HZ
from sim_study.data.clip_files.corpus import ClipCorpus
from sim_study.data.clips import SPLITS, Clips
from sim_study.data.description import Counted
from sim_study.data.loudness import level_db

STYLE: dict[str, Any] = {
    "title_justify": "left",
    "caption_justify": "left",
    "box": box.SIMPLE_HEAD,
    "pad_edge": False,
}


def counts_table(
    corpus: ClipCorpus, counted: Mapping[str, Counted] = MappingProxyType({})
) -> Table:
    """Tabulate clips, durations, levels and recordings for each form and split.

    Args:
        corpus: The corpus.
        counted: Clips that are not as the others, by reason.
    """
    table = Table(title=f"{corpus.name}: clips", **STYLE)
    numbers = ("clips", "seconds", "sounds", "level", "peak", "clipped", "from", "shared")
    for heading in ("form", "split", *numbers):
        justify: JustifyMethod = "right" if heading in numbers else "left"
        table.add_column(heading, justify=justify, no_wrap=True)
    for form in corpus.forms:
        for split in SPLITS:
            clips = corpus.clips(form, split)
            seconds = clips.samples.shape[1] / corpus.rate_hz
            table.add_row(
                form,
                split,
                str(len(clips)),
                f"{seconds:.3f}",
                f"{np.median(sounding_samples(clips)) / corpus.rate_hz:.3f}",
                _levels(clips),
                f"{np.median(peaks(clips)):.2f}",
                str(int((peaks(clips) >= (FULL_SCALE - 1) / FULL_SCALE).sum())),
                str(len(np.unique(clips.groups))),
                "" if split == "train" else str(int(is_shared(corpus, form, corpus.forms).sum())),
            )
    table.caption = (
        "seconds: length of a clip; sounds: median seconds from first to last non-zero sample; "
        "level: lowest, median and highest, RMS of a clip's loud parts in dB of full scale; "
        "peak: median, fraction of full scale; clipped: clips that reach full scale; from: how "
        "many recordings the clips come from; shared: test clips from recordings that training "
        "clips of any form come from too\n"
        + "\n".join(
            [
                *shared_recordings(corpus),
                *(
                    f"{one.count} clips are {why}: {', '.join(one.shown)}."
                    for why, one in counted.items()
                ),
            ]
        )
    )
    return table


def shared_recordings(corpus: ClipCorpus) -> list[str]:
    """Say which test clips are not new to what is trained, one sentence for each case."""
    sentences = []
    for form in corpus.forms:
        for trained in corpus.forms:
            shared = is_shared(corpus, form, (trained,))
            meaning = (
                "an encoder hears them, without labels, while it learns"
                if trained == corpus.learnt
                else f"only probes are fitted to {trained}"
            )
            if shared.any():
                sentences.append(
                    f"{shared.sum()} of {len(shared)} test {form} ({shared.mean():.0%}) come from "
                    f"recordings that training {trained} come from too: {meaning}."
                )
    return sentences or ["No test clip comes from a recording that a training clip comes from."]


def is_shared(corpus: ClipCorpus, form: str, trained: Sequence[str]) -> np.ndarray:
    """Tell which test clips come from recordings that training clips come from too.

    Args:
        corpus: The corpus.
        form: Of the test clips.
        trained: Forms of the training clips that they are compared with.

    Returns:
        (clip,) bool.
    """
    recordings = np.concatenate([corpus.clips(other, "train").groups for other in trained])
    return np.isin(corpus.clips(form, "test").groups, recordings)


def balance_table(corpus: ClipCorpus) -> Table:
    """Tabulate how many labelled clips of each split belong to each class of each factor.

    Below them stand the ranges of numeric factors, and how long phones sound.
    """
    table = Table(title=f"{corpus.name}: {corpus.labelled}, by class", **STYLE)
    table.add_column("factor")
    splits = {split: corpus.probe_clips(split) for split in SPLITS}
    for split in SPLITS:
        table.add_column(split)
    for factor in splits["train"].labels:
        table.add_row(factor, *(_balance(clips, factor) for clips in splits.values()))
    for factor in splits["train"].values:
        ranges = (clips.values[factor] for clips in splits.values())
        shown = (f"{values.min():g} to {values.max():g}" for values in ranges)
        table.add_row(f"{factor}, values", *shown)
    for name in splits["train"].spans:
        table.add_row(f"{name}, ms", *(_durations(clips, name) for clips in splits.values()))
    return table


def peaks(clips: Clips) -> np.ndarray:
    """Return the largest magnitude of each clip, as a fraction of full scale: (clip,)."""
    return np.array([np.abs(row.astype(np.int32)).max() for row in clips.samples]) / FULL_SCALE


def sounding_samples(clips: Clips) -> np.ndarray:
    """Return the samples from the first to the last non-zero one, for each clip: (clip,)."""
    heard = [np.flatnonzero(row) for row in clips.samples]
    return np.array([one[-1] - one[0] + 1 if len(one) else 0 for one in heard])


def _levels(clips: Clips) -> str:
    levels = [level_db(clip) for clip in clips.samples]
    return " ".join(f"{level:.1f}" for level in np.quantile(levels, (0, 0.5, 1), method="nearest"))


def _durations(clips: Clips, name: str) -> str:
    """Lowest, median and highest duration of what sounds, in ms."""
    lengths = np.diff(clips.spans[name], axis=1) * 1_000 / RATE_HZ
    return "  ".join(f"{length:.0f}" for length in np.quantile(lengths, (0, 0.5, 1)))


def _balance(clips: Clips, factor: str) -> str:
    names = clips.classes[factor]
    counts = np.bincount(clips.labels[factor], minlength=len(names))
    return "  ".join(f"{name} {count}" for name, count in zip(names, counts, strict=True))
