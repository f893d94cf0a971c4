"""Which learning rate a probe gets: the one that reads most of held-out training clips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sim_study.config.probe import ProbeConfig
from sim_study.data.clips import Clips
from sim_study.data.split import HELD_OUT_SEED, split_by_group
from sim_study.downstream.probes.linear_probe import (
    ProbeFit,
    Tried,
    accuracy,
    fit_linear_probe,
    fit_probes,
    logits,
)


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
    """Write all comparisons as CSV, one line a rate.

    Args:
        fits: By `protocol/target/layer`.
    """
    lines = ["protocol,target,layer,learning_rate,validation_accuracy,chosen"]
    for key, fit in fits.items():
        if fit.tried is None:
            continue
        for rate, value in zip(fit.tried.rates, fit.tried.accuracies, strict=True):
            chosen = int(rate == fit.tried.chosen)
            lines.append(f"{key.replace('/', ',')},{rate:g},{value:.6f},{chosen}")
    return "\n".join(lines) + "\n"
