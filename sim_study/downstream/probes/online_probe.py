"""The objective of a search: a quick probe on held-out training words, while an encoder learns."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from sim_study.config.train import OnlineProbeConfig
from sim_study.data.clips import Clips
from sim_study.data.corpus import Corpus
from sim_study.data.split import HELD_OUT_SEED, split_by_group, split_utterances
from sim_study.data.utterances import Utterances
from sim_study.downstream.codes.features import pooled_features
from sim_study.downstream.codes.frames import choose_labelled_frames, chosen_frame_codes, draw_rows
from sim_study.downstream.codes.standardise import standardise
from sim_study.downstream.codes.utterance_codes import UtteranceCodes
from sim_study.downstream.probes.pooled_probes import PHONE
from sim_study.errors import Problem, UserError
from sim_study.model.encoder import Encoder

ITERATIONS = 200
MOST_CLIPS = 8_192
MOST_UTTERANCES = 200
MOST_FRAMES = 4_000
"""A probe costs the same however large the corpus is: so many clips are drawn for it, or frames
out of so many utterances."""


@dataclass(frozen=True)
class ProbeExamples:
    """What an online probe is fitted to and scored on.

    Args:
        encode: Makes every layer's codes of an encoder, (example, channel) by layer name.
        labels: (example,) int64.
        fitted: Indices of the examples to fit.
        held_out: Indices of the examples to score on.
    """

    encode: Callable[[Encoder], dict[str, np.ndarray]]
    labels: np.ndarray
    fitted: np.ndarray
    held_out: np.ndarray


class OnlineProbe:
    """Logistic regression on every layer's deterministic latents.

    Clips are pooled; phones are read frame by frame. Features are standardised by the fitted part.
    All clips of a spoken word, or frames of an utterance, are on the same side of the split, and
    every trial of a study has the same: objectives are compared on the same words. The test split
    is never seen.

    Args:
        corpus: Its *training* split is used.
        config: Target and the fraction of words or utterances held out.
        device: Where to encode.

    Raises:
        UserError: The corpus has no such labels, or those that are fitted are all the same.
    """

    def __init__(
        self, corpus: Corpus, config: OnlineProbeConfig, device: torch.device | str = "cpu"
    ) -> None:
        self.target = config.target
        clips, utterances = corpus.probe_clips("train"), corpus.utterances("train")
        fraction = config.validation_fraction
        if self.target == PHONE and utterances is not None:
            self.examples = frame_examples(utterances, clips.groups, fraction, device)
        elif self.target in clips.labels:
            self.examples = clip_examples(clips, self.target, fraction, device)
        else:
            law = f"{corpus.name} has no such labels"
            raise UserError(Problem("online probe", law, "online_probe.target", self.target))
        if len(np.unique(self.examples.labels[self.examples.fitted])) < 2:
            law = f"{corpus.name} has only one {self.target} in what is fitted: nothing to tell"
            raise UserError(Problem("online probe", law, "online_probe.target", self.target))

    def __call__(self, encoder: Encoder) -> dict[str, float]:
        """Return `online/<target>/<layer>` and `online/<target>/mean`, fractions 0-1.

        Args:
            encoder: Left in evaluation mode.
        """
        labels = self.examples.labels
        fitted, held_out = self.examples.fitted, self.examples.held_out
        scores = {
            f"online/{self.target}/{layer}": readout_accuracy(
                codes[fitted], labels[fitted], codes[held_out], labels[held_out]
            )
            for layer, codes in self.examples.encode(encoder).items()
        }
        return {**scores, f"online/{self.target}/mean": float(np.mean(list(scores.values())))}


def clip_examples(
    clips: Clips, target: str, validation_fraction: float, device: torch.device | str
) -> ProbeExamples:
    """Return training clips, a fraction of words held out; their codes are means over frames."""
    sides = split_by_group(clips.groups, validation_fraction, HELD_OUT_SEED)
    rows = draw_rows(len(clips), MOST_CLIPS, HELD_OUT_SEED)
    samples = clips.samples if len(rows) == len(clips) else clips.samples[rows]

    def encode(encoder: Encoder) -> dict[str, np.ndarray]:
        return pooled_features(encoder, samples, seed=None, device=device)

    fitted, held_out = (np.flatnonzero(np.isin(rows, side)) for side in sides)
    return ProbeExamples(encode, clips.labels[target][rows], fitted, held_out)


def frame_examples(
    utterances: Utterances,
    clip_groups: np.ndarray,
    validation_fraction: float,
    device: torch.device | str,
) -> ProbeExamples:
    """Return frames drawn from training utterances, a fraction of these held out.

    They are held out by the groups (clip,) of the training split's clips.
    """
    rows = draw_rows(len(utterances), MOST_UTTERANCES, HELD_OUT_SEED)
    utterances = utterances.take(rows)
    chosen = choose_labelled_frames(utterances, MOST_FRAMES, HELD_OUT_SEED)
    sides = split_utterances(utterances.groups, clip_groups, validation_fraction)

    def encode(encoder: Encoder) -> dict[str, np.ndarray]:
        codes = UtteranceCodes(encoder, utterances, seed=None, device=device)
        return chosen_frame_codes(codes.labelled, chosen)

    fitted, held_out = (np.flatnonzero(np.isin(chosen.rows, side)) for side in sides)
    return ProbeExamples(encode, chosen.labels[PHONE], fitted, held_out)


def readout_accuracy(
    fit_x: np.ndarray, fit_y: np.ndarray, score_x: np.ndarray, score_y: np.ndarray
) -> float:
    """Return the held-out accuracy, fraction 0-1, of logistic regression on features (clip, dim).

    Both parts are standardised by the one that is fitted.
    """
    # Imported by the first probe: a process that only opens a corpus does not wait for it.
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    fit_x, score_x = standardise(fit_x, score_x)
    model = LogisticRegression(max_iter=ITERATIONS)
    with warnings.catch_warnings():
        # The last iterations sharpen probabilities; which class comes first is settled before.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(fit_x, fit_y)
    return float(model.score(score_x, score_y))
