"""How much a corpus holds to learn from: counted once it is prepared, expected before."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim_study.data.corpus import Corpus
from sim_study.data.recordings import Recordings, Samples


class Amount(NamedTuple):
    """Sounds, and their mean length in samples."""

    clips: int
    samples: int


class CorpusAmounts(NamedTuple):
    """What the training split holds, by purpose.

    Args:
        encoder: What encoders learn from without labels.
        decoder: What decoders learn from.
        labelled: Clips with labels.
        utterances: Recordings with a phone a frame; None: there are none, or nobody knows yet.
    """

    encoder: Amount
    decoder: Amount
    labelled: Amount
    utterances: Amount | None = None


def amounts_of(corpus: Corpus) -> CorpusAmounts:
    """Return how much a prepared corpus holds."""
    utterances = corpus.utterances("train")
    return CorpusAmounts(
        encoder=_amount(corpus.encoder_audio()),
        decoder=_amount(corpus.decoder_clips("train").samples),
        labelled=_amount(corpus.probe_clips("train").samples),
        utterances=None if utterances is None else _amount(utterances.recordings),
    )


def _amount(samples: Samples | Recordings) -> Amount:
    if isinstance(samples, Recordings):
        return Amount(len(samples), int(np.mean(samples.lengths)))
    return Amount(*samples.shape)
