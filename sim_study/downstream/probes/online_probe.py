"""The objective of a search: a probe on held-out training words, while an encoder learns."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from sim_study.config.geometry import module_frames
from sim_study.config.model import ModelConfig
from sim_study.config.probe import Pooling
from sim_study.config.train import OnlineProbeConfig
from sim_study.data.clips import Clips
from sim_study.data.corpus import Corpus
from sim_study.data.split import HELD_OUT_SEED, split_by_group, split_utterances
from sim_study.data.utterances import Utterances
from sim_study.downstream.codes.features import clip_codes, pooled_features
from sim_study.downstream.codes.frames import (
    MOST_CLIPS,
    MOST_FRAMES,
    MOST_UTTERANCES,
    choose_labelled_frames,
    chosen_frame_codes,
    draw_rows,
)
from sim_study.downstream.codes.spans import draw_span_frames, sounding
from sim_study.downstream.codes.standardise import standardise
from sim_study.downstream.codes.utterance_codes import UtteranceCodes
from sim_study.downstream.probes.logistic import fit_logistic
from sim_study.downstream.probes.pooled_probes import PHONE
from sim_study.errors import Problem, UserError
from sim_study.ledger.feature_file import FramesOf
from sim_study.model.encoder import Encoder

FOLDS, GRADIENT = 3, 1e-4
"""Of the converged probe while an encoder learns."""
ITERATIONS = 200
"""Most that the quick probe takes."""


@dataclass(frozen=True)
class ProbeExamples:
    """What an online probe is fitted to and scored on.

    Args:
        encode: Makes every layer's codes of an encoder, (example, channel) by layer name.
        labels: (example,) int64.
        groups: (example,) int64, the spoken word or utterance that each is of.
        fitted: Indices of the examples to fit.
        held_out: Indices of the examples to score on.
    """

    encode: Callable[[Encoder], dict[str, np.ndarray]]
    labels: np.ndarray
    groups: np.ndarray
    fitted: np.ndarray
    held_out: np.ndarray


class OnlineProbe:
    """Logistic regression on every layer's deterministic latents.

    Clips are pooled as configured; phones are read frame by frame. The converged probe is that of
    the downstream stages, its penalty chosen inside the fitted part, by fewer folds and to a looser
    gradient. Features are standardised by the fitted part.
    All clips of a spoken word, or frames of an utterance, are on the same side of the split, and
    every trial of a study has the same: objectives are compared on the same words. The test split
    is never seen.

    Args:
        corpus: Its *training* split is used.
        config: Target and the fraction of words or utterances held out.
        device: Where to encode.
        model: Of the encoders; needed for frames of clips.

    Raises:
        UserError: The corpus has no such labels, or those that are fitted are all the same.
    """

    def __init__(
        self,
        corpus: Corpus,
        config: OnlineProbeConfig,
        device: torch.device | str = "cpu",
        model: ModelConfig | None = None,
    ) -> None:
        self.target = config.target
        self._quick = config.protocol == "quick"
        clips, utterances = corpus.probe_clips("train"), corpus.utterances("train")
        fraction = config.validation_fraction
        if self.target == PHONE and utterances is not None:
            self.examples = frame_examples(utterances, clips.groups, fraction, device)
        elif self.target in clips.labels:
            self.examples = clip_examples(
                clips, self.target, fraction, device, config.pooling, model
            )
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
        labels, groups = self.examples.labels, self.examples.groups
        fitted, held_out = self.examples.fitted, self.examples.held_out
        scores: dict[str, float] = {}
        for layer, codes in self.examples.encode(encoder).items():
            fit = codes[fitted], labels[fitted]
            score = codes[held_out], labels[held_out]
            scores[f"online/{self.target}/{layer}"] = (
                quick_accuracy(*fit, *score)
                if self._quick
                else converged_accuracy(*fit, groups[fitted], *score)
            )
        return {**scores, f"online/{self.target}/mean": float(np.mean(list(scores.values())))}


def clip_examples(
    clips: Clips,
    target: str,
    validation_fraction: float,
    device: torch.device | str,
    pooling: Pooling = "mean",
    model: ModelConfig | None = None,
) -> ProbeExamples:
    """Return training clips, or frames of them, a fraction of words held out.

    Args:
        clips: The training split's.
        target: One of their labels.
        validation_fraction: Fraction 0-1 of their groups held out.
        device: Where to encode.
        pooling: mean: codes are means over frames; thirds: over thirds of what sounds; frames:
            single ones of the phone that carries the target.
        model: Where frames lie; needed for frames.
    """
    held_out_clips = split_by_group(clips.groups, validation_fraction, HELD_OUT_SEED)[1]
    is_held_out = np.isin(np.arange(len(clips)), held_out_clips)
    rows = draw_rows(len(clips), MOST_CLIPS, HELD_OUT_SEED)
    if len(rows) < len(clips):
        clips, is_held_out = clips.take(rows), is_held_out[rows]
    if pooling == "frames":
        assert model is not None, "frames lie where a model's strides put them"
        return _span_examples(clips, target, is_held_out, device, model)

    def encode(encoder: Encoder) -> dict[str, np.ndarray]:
        if pooling == "mean":
            return pooled_features(encoder, clips.samples, seed=None, device=device)
        spans = sounding(clips)
        return clip_codes(encoder, clips.samples, seed=None, spans=spans, device=device).thirds

    fitted, held_out = np.flatnonzero(~is_held_out), np.flatnonzero(is_held_out)
    return ProbeExamples(encode, clips.labels[target], clips.groups, fitted, held_out)


def _span_examples(
    clips: Clips,
    target: str,
    is_held_out: np.ndarray,
    device: torch.device | str,
    model: ModelConfig,
) -> ProbeExamples:
    """Return frames of the phones that carry a target, from both sides of the clips' split."""
    unit = FramesOf(target)
    frames = draw_span_frames(clips, unit.span, model, MOST_FRAMES, HELD_OUT_SEED)
    rows = frames // module_frames(model, clips.samples.shape[1])["context"]

    def encode(encoder: Encoder) -> dict[str, np.ndarray]:
        codes = clip_codes(encoder, clips.samples, seed=None, frames={unit: frames}, device=device)
        return codes.frames[unit]

    sides = np.flatnonzero(~is_held_out[rows]), np.flatnonzero(is_held_out[rows])
    return ProbeExamples(encode, clips.labels[target][rows], clips.groups[rows], *sides)


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
    groups = utterances.groups[chosen.rows]
    return ProbeExamples(encode, chosen.labels[PHONE], groups, fitted, held_out)


def converged_accuracy(
    fit_x: np.ndarray,
    fit_y: np.ndarray,
    groups: np.ndarray,
    score_x: np.ndarray,
    score_y: np.ndarray,
) -> float:
    """Return the held-out accuracy, fraction 0-1, of the converged probe.

    Args:
        fit_x: (example, dim), fitted.
        fit_y: (example,) int64.
        groups: (example,) int64, of what is fitted.
        score_x: (example, dim), held out.
        score_y: (example,) int64.
    """
    classes = 1 + max(fit_y.max(), score_y.max())
    fit = fit_logistic(fit_x, fit_y, groups, classes, folds=FOLDS, gradient=GRADIENT)
    return fit.accuracy(score_x, score_y)


def quick_accuracy(
    fit_x: np.ndarray, fit_y: np.ndarray, score_x: np.ndarray, score_y: np.ndarray
) -> float:
    """Return the held-out accuracy, fraction 0-1, of a regression of one penalty, cut short.

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
