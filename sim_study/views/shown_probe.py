"""A probe beside the test codes it reads, on one scale: what most views are drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim_study.config.identity import seed_for
from sim_study.downstream.codes.frames import draw_rows
from sim_study.downstream.codes.standardise import moments
from sim_study.downstream.probes.linear_probe import majority_accuracy
from sim_study.ledger.feature_file import SAMPLED
from sim_study.ledger.probe_trial import ProbeTrial
from sim_study.metrics.label_weights import standardised_probe


@dataclass(frozen=True)
class ShownProbe:
    """The probe without bias of one target on one layer's sampled code.

    Args:
        classes: Names of the labels.
        weight: (label, dim) as the probe holds it.
        standard_weight: (label, dim), of the same probe on standardised codes.
        standard_bias: (label,), likewise.
        codes: (sample, dim) float64, of the test part, in deviations from the training part's mean.
        labels: (sample,) int64.
        chance: Accuracy of always naming the most frequent training label, fraction 0-1.
    """

    classes: tuple[str, ...]
    weight: np.ndarray
    standard_weight: np.ndarray
    standard_bias: np.ndarray
    codes: np.ndarray
    labels: np.ndarray
    chance: float

    @property
    def accuracy(self) -> float:
        """What the probe gets right of the test part, fraction 0-1."""
        logits = self.codes @ self.standard_weight.T + self.standard_bias  # (sample, label)
        return float(np.mean(logits.argmax(axis=1) == self.labels))


def shown_probe(trial: ProbeTrial, target: str, layer: str, most: int, seed: int) -> ShownProbe:
    """Put a probe beside the codes it reads.

    A target whose clips have no labels is read from single frames: of those the probe trial has
    kept a random part, and means and deviations are theirs.

    Args:
        trial: Whose probe.
        target: What it reads.
        layer: Where.
        most: At most so many test clips or frames, drawn at random.
        seed: Of that draw.

    Raises:
        UserError: The trial has no such probe.
    """
    features = trial.features
    unit = features.unit_of(target)
    scales = moments(features.codes(unit, SAMPLED, "train", layer))
    test = features.codes(unit, SAMPLED, "test", layer)
    labels = features.labels(unit, "test", target)
    rows = draw_rows(len(test), most, seed_for(seed, "views", target))
    probe = trial.sampled_probe(target, layer)
    weight = probe.weight.astype(np.float64)
    if probe.standardised:
        standard = weight * scales.varies, np.zeros(len(weight))
    else:
        standard = standardised_probe(weight, None, scales)
    return ShownProbe(
        classes=trial.classes(target),
        weight=weight,
        standard_weight=standard[0],
        standard_bias=standard[1],
        codes=scales.standardise(test[rows].astype(np.float64)),
        labels=labels[rows],
        chance=majority_accuracy(features.labels(unit, "train", target), labels),
    )
