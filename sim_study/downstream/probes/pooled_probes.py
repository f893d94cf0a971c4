"""Every linear probe of pooled features: each layer, each target, both protocols."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sim_study.config.identity import seed_for
from sim_study.config.probe import ACCURACY, ProbeConfig
from sim_study.data.clips import Clips
from sim_study.data.split import HELD_OUT_SEED, split_by_group
from sim_study.downstream.codes.protocols import Features
from sim_study.downstream.codes.standardise import standardise
from sim_study.downstream.probes.linear_probe import (
    ProbeFit,
    Tried,
    accuracy,
    fit_linear_probe,
    fit_probes,
    logits,
    majority_accuracy,
)
from sim_study.naming.targets import Target

PHONE: Target = "phone"
"""The target that every frame has a label of."""


@dataclass(frozen=True)
class Probes:
    """Probes of one checkpoint.

    Args:
        fits: By `protocol/target/layer`.
        chance: By target: the test accuracy (fraction 0-1) of always answering the training
            split's most frequent class.
    """

    fits: dict[str, ProbeFit]
    chance: dict[str, float]

    @property
    def metrics(self) -> dict[str, float]:
        """What they read, by metric key.

        `<protocol>/<target>/<layer>` (test) and `<protocol>_train/<target>/<layer>` are fractions
        0-1, as is `chance/<target>/all`; `<protocol>_learning_rate/<target>/<layer>` is there if
        it was chosen from several.
        """
        found = {f"chance/{target}/all": value for target, value in self.chance.items()}
        for key, fit in self.fits.items():
            protocol, place = key.split("/", 1)
            found[key] = fit.accuracy
            found[f"{protocol}_train/{place}"] = fit.train_accuracy
            if fit.tried is not None:
                found[f"{protocol}_learning_rate/{place}"] = fit.tried.chosen
        return found


def run_probes(
    features: Mapping[str, Features], train: Clips, test: Clips, config: ProbeConfig, seed: int
) -> Probes:
    """Fit every probe of pooled features; phones have frames of their own, see `phone_probe`.

    Args:
        features: By protocol, from `protocol_features`.
        train: Training-split clips, in the features' order.
        test: Test-split clips, in the features' order.
        config: Targets and training.
        seed: Every probe gets a random stream of its own from it.
    """
    fits: dict[str, ProbeFit] = {}
    chance: dict[str, float] = {}
    for target in pooled_targets(config):
        chance[target] = majority_accuracy(train.labels[target], test.labels[target])
        for protocol, arrays in features.items():
            for layer, train_x in arrays.train.items():
                key = f"{protocol}/{target}/{layer}"
                codes = train_x, arrays.test[layer]
                if config.standardise:
                    train_scaled, test_scaled = standardise(*codes)
                    codes = train_scaled, test_scaled
                fits[key] = fit_tuned_probe(
                    codes,
                    (train, test),
                    target,
                    config,
                    bias=protocol == ACCURACY,
                    seed=seed_for(seed, key),
                )
    return Probes(fits, chance)


def pooled_targets(config: ProbeConfig) -> list[Target]:
    """Return the targets that a whole clip has one label of."""
    return [target for target in config.targets if target != PHONE]


def fit_tuned_probe(
    codes: tuple[np.ndarray, np.ndarray],
    clips: tuple[Clips, Clips],
    target: str,
    config: ProbeConfig,
    *,
    bias: bool,
    seed: int,
) -> ProbeFit:
    """Train a probe of pooled features with the learning rate that suits it best.

    Without `config.learning_rates`, that is `config.learning_rate`. Otherwise all are compared on
    words or utterances held out of the training split, and the best is fitted to the whole split.

    Args:
        codes: (clip, dim) features of the training and the test split.
        clips: Whose features they are.
        target: Which label is read out.
        config: Training.
        bias: Whether the map has a bias.
        seed: Draws the initial weights and the order of clips, the same for every rate.

    Raises:
        ValueError: Rates are compared and the training split holds only one word.
    """
    (train_x, test_x), (train, test) = codes, clips
    train_y, classes = train.labels[target], len(train.classes[target])
    tried = None
    if config.learning_rates:
        fitted, held_out = split_by_group(train.groups, config.validation_fraction, HELD_OUT_SEED)
        rates = config.learning_rates
        weights, biases = fit_probes(
            train_x[fitted],
            train_y[None, fitted],
            classes,
            config,
            bias=bias,
            seed=seed,
            rates=rates,
        )
        offsets = np.zeros(weights.shape[:2], weights.dtype) if biases is None else biases
        accuracies = [
            accuracy(logits(train_x[held_out], weight, offset), train_y[held_out])
            for weight, offset in zip(weights, offsets, strict=True)
        ]
        tried = Tried(rates, accuracies)
        config = config.model_copy(update={"learning_rate": tried.chosen})
    fit = fit_linear_probe(
        train_x, train_y, test_x, test.labels[target], classes, config, bias=bias, seed=seed
    )
    return replace(fit, tried=tried)


def tried_table(fits: Mapping[str, ProbeFit]) -> str:
    """Write all comparisons, by `protocol/target/layer`, as CSV, one line a rate."""
    lines = ["protocol,target,layer,learning_rate,validation_accuracy,chosen"]
    for key, fit in fits.items():
        if fit.tried is None:
            continue
        for rate, value in zip(fit.tried.rates, fit.tried.accuracies, strict=True):
            chosen = int(rate == fit.tried.chosen)
            lines.append(f"{key.replace('/', ',')},{rate:g},{value:.6f},{chosen}")
    return "\n".join(lines) + "\n"
