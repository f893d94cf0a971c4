"""The objective of a search: a quick probe on held-out training words, while an encoder learns."""

from __future__ import annotations

import warnings

import numpy as np
import torch

from sim_study.config.train import OnlineProbeConfig
from sim_study.data.clips import Clips
from sim_study.data.split import split_by_group
from sim_study.downstream.features import pooled_features
from sim_study.downstream.standardise import standardise
from sim_study.model.encoder import Encoder

ITERATIONS = 200


class OnlineProbe:
    """Logistic regression on every layer's mean deterministic latents.

    Features are standardised by the fitted part. All clips of a spoken word are on the same side
    of the split. Test clips are never seen.

    Args:
        clips: Syllables of the *training* split.
        config: Target and the fraction of words held out.
        seed: Draws the held-out words. Give every trial of a study the same, not its own seed:
            objectives are compared on the same words.
        device: Where to encode.
    """

    def __init__(
        self,
        clips: Clips,
        config: OnlineProbeConfig,
        seed: int = 0,
        device: torch.device | str = "cpu",
    ) -> None:
        self.clips = clips
        self.config = config
        self.device = device
        self.fitted, self.validation = split_by_group(
            clips.groups, config.validation_fraction, seed
        )

    def __call__(self, encoder: Encoder) -> dict[str, float]:
        """Return `online/<target>/<layer>` and `online/<target>/mean`, fractions 0-1.

        Args:
            encoder: Left in evaluation mode.
        """
        target = self.config.target
        labels = self.clips.labels[target]
        features = pooled_features(encoder, self.clips.samples, seed=None, device=self.device)
        scores = {
            f"online/{target}/{layer}": readout_accuracy(
                array[self.fitted],
                labels[self.fitted],
                array[self.validation],
                labels[self.validation],
            )
            for layer, array in features.items()
        }
        return {**scores, f"online/{target}/mean": float(np.mean(list(scores.values())))}


def readout_accuracy(
    fit_x: np.ndarray, fit_y: np.ndarray, score_x: np.ndarray, score_y: np.ndarray
) -> float:
    """Return the accuracy, fraction 0-1, of logistic regression on standardised features.

    Args:
        fit_x: (clip, dim) features to fit and to standardise by.
        fit_y: (clip,) labels.
        score_x: (clip, dim) held-out features.
        score_y: (clip,) labels.
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
