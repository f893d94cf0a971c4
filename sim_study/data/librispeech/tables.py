"""What a librispeech holds, as tables: hours, speakers, phones, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from rich.table import Table

from sim_study.config.geometry import FRAME_SAMPLES
from sim_study.data.audio import RATE_HZ
from sim_study.data.clip_files.tables import STYLE
from sim_study.data.clips import SPLITS, Split
from sim_study.data.description import read_description
from sim_study.data.librispeech.corpus import LibriSpeechCorpus
from sim_study.data.librispeech.layout import speaker_of
from sim_study.data.librispeech.stream import FLAWS_FILE

_PHONES_A_ROW = 3
_FRAME_SECONDS = FRAME_SAMPLES / RATE_HZ


def tables(corpus: LibriSpeechCorpus) -> Iterator[Table]:
    """Yield every table that there is something to say in."""
    yield utterances_table(corpus)
    if corpus.utterances("train") is not None:
        yield phones_table(corpus)
    if read_description(corpus.folder).counted:
        yield flaws_table(corpus)


def utterances_table(corpus: LibriSpeechCorpus) -> Table:
    """Tabulate utterances, hours, speakers, clips and phones by purpose."""
    table = Table(title=f"{corpus.name}: utterances", **STYLE)
    table.add_column("")
    columns = []
    for purpose in (None, *SPLITS):
        table.add_column(purpose or "encoders", justify="right")
        columns.append(_facts(corpus, purpose))
    for fact in columns[0]:
        table.add_row(fact, *(facts[fact] for facts in columns))
    samples = corpus.probe_clips("train").samples.shape[1]
    table.caption = (
        "encoders: what they learn from, and decoders too; train, test: the splits of the probes\n"
        f"clips: windows of {samples} samples ({samples / RATE_HZ:.2f} s), one after the other"
    )
    return table


def _facts(corpus: LibriSpeechCorpus, purpose: Split | None) -> dict[str, str]:
    """What there is for one purpose; None: encoders."""
    mapped = corpus.mapped()
    numbers = mapped.learnt if purpose is None else mapped.split[purpose]
    seconds = mapped.recordings(numbers).lengths / RATE_HZ
    speakers = [speaker_of(mapped.rows[number].id) for number in numbers]
    _, each = np.unique(speakers, return_counts=True)
    labelled = None if purpose is None else corpus.utterances(purpose)
    phones = 0 if labelled is None else sum(map(len, labelled.phones))
    return {
        "utterances": str(len(numbers)),
        "hours": f"{seconds.sum() / 3600:.2f}",
        "seconds of an utterance": f"{seconds.min():.1f} to {seconds.max():.1f}",
        "speakers": str(len(each)),
        "utterances of a speaker": f"{each.min()} to {each.max()}",
        "clips": str(len(mapped.clips(purpose))),
        "utterances with phones": "" if labelled is None else str(len(labelled)),
        "hours with phones": "" if labelled is None else f"{phones * _FRAME_SECONDS / 3600:.2f}",
    }


def phones_table(corpus: LibriSpeechCorpus) -> Table:
    """Tabulate each phone's share of the labelled frames of both splits."""
    table = Table(title=f"{corpus.name}: phones, % of labelled frames", **STYLE)
    for _ in range(_PHONES_A_ROW):
        for heading in ("phone", *SPLITS):
            table.add_column(heading, justify="left" if heading == "phone" else "right")
    shares = {split: phone_shares(corpus, split) for split in SPLITS}
    names = corpus.mapped().classes["phone"]
    cells = [
        (name, *(f"{100 * shares[split][code]:.1f}" for split in SPLITS))
        for code, name in enumerate(names)
    ]
    height = -(-len(cells) // _PHONES_A_ROW)  # read downwards, as the numbers count
    for row in range(height):
        table.add_row(*(cell for one in cells[row::height] for cell in one))
    return table


def phone_shares(corpus: LibriSpeechCorpus, split: Split) -> np.ndarray:
    """Return each phone's share of a split's labelled frames: (phone,), 0-1."""
    utterances = corpus.utterances(split)
    names = corpus.mapped().classes["phone"]
    if utterances is None:
        return np.zeros(len(names))
    counts = np.bincount(np.concatenate(utterances.phones), minlength=len(names))
    shares: np.ndarray = counts / counts.sum()
    return shares


def flaws_table(corpus: LibriSpeechCorpus) -> Table:
    """Tabulate the utterances that are left out or lack labels, by reason."""
    table = Table(title=f"{corpus.name}: left out, or lacking", **STYLE)
    table.add_column("reason")
    table.add_column("utterances", justify="right")
    table.add_column("such as")
    for reason, counted in read_description(corpus.folder).counted.items():
        table.add_row(reason, str(counted.count), ", ".join(counted.shown))
    table.caption = f"all: {corpus.folder / FLAWS_FILE}"
    return table
