"""Converged probes of clips: each layer, each target, of means in time and of sampled latents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim_study.config.probe import (
    ACCURACY,
    CONVERGED,
    CONVERGED_SAMPLED,
    INTERPRETABILITY,
    Pooling,
    ProbeConfig,
)
from sim_study.data.clips import SPLITS, Clips, Split
from sim_study.downstream.codes.protocols import Features
from sim_study.downstream.probes.linear_probe import majority_accuracy
from sim_study.downstream.probes.logistic import LogisticFit, LogisticProblem
from sim_study.downstream.probes.pooled_probes import pooled_targets
from sim_study.ledger.feature_file import FramesOf, Unit
from sim_study.naming.targets import Target

Rows = Mapping[Unit, Mapping[Split, np.ndarray]]
"""By what codes are of, and split: (example,) the clip that each is of."""


@dataclass(frozen=True)
class ConvergedProbe:
    """A converged probe with its score.

    Args:
        fit: To the training part.
        accuracy: On the test part, fraction 0-1.
    """

    fit: LogisticFit
    accuracy: float


@dataclass(frozen=True)
class ConvergedProbes:
    """Converged probes of one checkpoint.

    Args:
        probes: By `accuracy/target/layer` and `accuracy_sampled/target/layer`.
        chance: By target: the test accuracy (fraction 0-1) of always answering the training part's
            most frequent class.
    """

    probes: dict[str, ConvergedProbe]
    chance: dict[str, float]

    @property
    def metrics(self) -> dict[str, float]:
        """What they read, by metric key.

        Beside each accuracy `<quantity>_train`, `<quantity>_penalty` and `<quantity>_gradient`, of
        the same target and layer, and `chance/<target>/all`.
        """
        found = {f"chance/{target}/all": value for target, value in self.chance.items()}
        for key, probe in self.probes.items():
            quantity, place = key.split("/", 1)
            found[key] = probe.accuracy
            found[f"{quantity}_train/{place}"] = probe.fit.train_accuracy
            found[f"{quantity}_penalty/{place}"] = probe.fit.penalty
            found[f"{quantity}_gradient/{place}"] = probe.fit.gradient
        return found


def read_unit(pooling: Pooling, target: str) -> Unit:
    """Return what a probe of a target of clips reads."""
    if pooling == "frames":
        return FramesOf(FramesOf(target).span)
    return "thirds" if pooling == "thirds" else "clips"


def run_converged(
    features: Mapping[str, Features], train: Clips, test: Clips, rows: Rows, config: ProbeConfig
) -> ConvergedProbes:
    """Fit every converged probe of clips; phones have frames of their own.

    Args:
        features: By protocol, from `protocol_features`, with what `config.pooling` asks for.
        train: Training-split clips.
        test: Test-split clips.
        rows: Of everything but whole clips and their thirds.
        config: Targets, pooling, penalties.
    """
    clips: dict[Split, Clips] = {"train": train, "test": test}
    targets = pooled_targets(config)
    read: dict[Unit, list[Target]] = {}
    for target in targets:
        read.setdefault(read_unit(config.pooling, target), []).append(target)
    probes: dict[str, ConvergedProbe] = {}
    chance: dict[str, float] = {}
    for unit, of_unit in read.items():
        at = rows.get(unit) or {split: np.arange(len(clips[split])) for split in SPLITS}
        for target in of_unit:
            labels = [clips[split].labels[target][at[split]] for split in SPLITS]
            chance[target] = majority_accuracy(*labels)
        codes = features[ACCURACY].of(unit)
        probes |= _run(CONVERGED, codes, clips, at, of_unit, config, bias=True)
    whole = {split: np.arange(len(clips[split])) for split in SPLITS}
    sampled = features[INTERPRETABILITY].of("clips")
    probes |= _run(CONVERGED_SAMPLED, sampled, clips, whole, targets, config, bias=False)
    return ConvergedProbes(probes, chance)


def _run(
    quantity: str,
    codes: Mapping[Split, Mapping[str, np.ndarray]],
    clips: Mapping[Split, Clips],
    rows: Mapping[Split, np.ndarray],
    targets: Sequence[Target],
    config: ProbeConfig,
    *,
    bias: bool,
) -> dict[str, ConvergedProbe]:
    """Fit several targets of the same codes; what does not depend on labels is done once."""
    train, test = clips["train"], clips["test"]
    found: dict[str, ConvergedProbe] = {}
    for layer, train_x in codes["train"].items():
        problem = LogisticProblem(train_x, train.groups[rows["train"]])
        for target in targets:
            fit = problem.fit(
                train.labels[target][rows["train"]],
                len(train.classes[target]),
                bias=bias,
                penalties=config.penalties,
            )
            score = fit.accuracy(codes["test"][layer], test.labels[target][rows["test"]])
            found[f"{quantity}/{target}/{layer}"] = ConvergedProbe(fit, score)
    return found
