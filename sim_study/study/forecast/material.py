"""How much a study's encoders and decoders learn from, also before a corpus is prepared."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim_study.config.corpus import CorpusConfig, LibriSpeech, SyntheticSpeech
from sim_study.config.trial import EncoderConfig
from sim_study.data.artificial_speech.read import FOLDERS, list_files, root_of
from sim_study.data.audio import SYLLABLE_SAMPLES, WORD_SAMPLES
from sim_study.data.clips import FORMS
from sim_study.data.corpus import Corpus
from sim_study.data.librispeech.expected import expected
from sim_study.data.recordings import Recordings, Samples
from sim_study.errors import Problem, UserError

SYLLABLES = 3
"""Of a synthesised word, each a clip."""


class Amount(NamedTuple):
    """Sounds, and their mean length in samples."""

    clips: int
    samples: int


class Material(NamedTuple):
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

    def learnt_by(self, config: EncoderConfig) -> Amount:
        """Return how much an encoder of this configuration learns from, in its crops' length."""
        found = self.encoder
        if config.traits.learns_labels:
            phones = config.objective.supervised_target == "phone"
            found = self.utterances if phones and self.utterances is not None else self.labelled
            kept = 1 - config.online_probe.validation_fraction
            found = found._replace(clips=max(1, round(kept * found.clips)))
        return found._replace(samples=config.train.crop_samples or found.samples)


def material_of(corpus: Corpus) -> Material:
    """Return how much a prepared corpus holds."""
    utterances = corpus.utterances("train")
    return Material(
        encoder=_amount(corpus.encoder_audio()),
        decoder=_amount(corpus.decoder_clips("train").samples),
        labelled=_amount(corpus.probe_clips("train").samples),
        utterances=None if utterances is None else _amount(utterances.recordings),
    )


def material_expected(config: CorpusConfig) -> Material:
    """Return how much a corpus will hold that is not prepared yet.

    Raises:
        UserError: The corpus is not there, or nothing is in it to learn from.
    """
    if isinstance(config, LibriSpeech):
        return _of_librispeech(config)
    if isinstance(config, SyntheticSpeech):
        words, syllables = config.train_words, SYLLABLES * config.train_words
    else:
        words, syllables = _counted(root_of(config))
    of_words = Amount(words, WORD_SAMPLES)
    return Material(of_words, of_words, Amount(syllables, SYLLABLE_SAMPLES))


def _counted(root: Path) -> tuple[int, int]:
    """Count the training split's words and syllables."""
    folders = [root / FOLDERS[form] / "train" for form in FORMS]
    parents = Counter(path.parent for path in list_files(root))
    empty = [folder for folder in folders if not parents[folder]]
    if empty:
        raise UserError(*(Problem(str(folder), "holds no file of the corpus") for folder in empty))
    words, syllables = (parents[folder] for folder in folders)
    return words, syllables


def _of_librispeech(config: LibriSpeech) -> Material:
    found, clip = expected(config), config.clip_samples
    told = found.labelled
    return Material(
        encoder=Amount(found.learnt.utterances, found.learnt.mean_samples),
        decoder=Amount(found.learnt.clips, clip),
        labelled=Amount(found.trained.clips, clip),
        utterances=Amount(told.utterances, told.mean_samples) if told.utterances else None,
    )


def _amount(samples: Samples | Recordings) -> Amount:
    if isinstance(samples, Recordings):
        return Amount(len(samples), int(np.mean(samples.lengths)))
    return Amount(*samples.shape)
