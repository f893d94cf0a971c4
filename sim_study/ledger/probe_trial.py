"""A finished probe trial as later stages and readers find it."""

from __future__ import annotations

from dataclasses import dataclass

from sim_study.config.probe import ProbeConfig
from sim_study.errors import Problem, UserError
from sim_study.ledger.feature_file import FeatureFile
from sim_study.ledger.ledger import TrialFolder
from sim_study.ledger.probe_weight_file import ProbeWeightFile


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
