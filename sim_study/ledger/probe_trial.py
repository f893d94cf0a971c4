"""A finished probe trial as later stages and readers find it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim_study.config.probe import CONVERGED_SAMPLED, ProbeConfig
from sim_study.errors import Problem, UserError
from sim_study.ledger.feature_file import FeatureFile
from sim_study.ledger.ledger import TrialFolder
from sim_study.ledger.probe_weight_file import ProbeWeightFile


class SampledProbe(NamedTuple):
    """The probe without bias on one layer's sampled code.

    Args:
        weight: (label, dim).
        standardised: Whether the weights are on codes of mean 0 and variance 1 over the training
            part, instead of codes as the file of features holds them.
        converged: Whether it is the converged probe, instead of the paper's.
    """

    weight: np.ndarray
    standardised: bool
    converged: bool


@dataclass(frozen=True)
class ProbeTrial:
    """What a probe trial has kept of its encoder.

    Args:
        features: Codes and labels.
        weights: Of its probes.
        config: How these were fitted.
    """

    features: FeatureFile
    weights: ProbeWeightFile
    config: ProbeConfig

    def classes(self, target: str) -> tuple[str, ...]:
        """Names of a target's labels."""
        return self.weights.classes(target) or self.features.classes(target)

    def sampled_probe(self, target: str, layer: str) -> SampledProbe:
        """Return the probe whose weights say which dimensions carry a label.

        The converged one where the trial has one, else the paper's; it reads the sampled code of
        `features.unit_of(target)`.

        Raises:
            UserError: The trial has neither.
        """
        protocol = self.weights.sampled_protocol(target, layer)
        converged = protocol == CONVERGED_SAMPLED
        weight = self.weights.weight(protocol, target, layer)
        return SampledProbe(weight, converged or self.config.standardise, converged)


def read_probe_trial(folder: TrialFolder) -> ProbeTrial:
    """Open both files of a finished probe trial.

    Raises:
        UserError: A file is missing or damaged, or was written before labels and frames were kept.
    """
    config = folder.trial().config
    assert isinstance(config, ProbeConfig)
    problems: list[Problem] = []
    try:
        features = FeatureFile.read(folder.path)
    except UserError as error:
        problems += error.problems
    try:
        weights = ProbeWeightFile.read(folder.artifacts)
    except UserError as error:
        problems += error.problems
    if problems:
        raise UserError(*problems)
    features.check()
    return ProbeTrial(features, weights, config)
