"""What Optuna draws for one arm; imported only when something is to be drawn."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import TrialState

from sim_study.space.dimension import Dimension, Value
from sim_study.space.spec import Search

optuna.logging.set_verbosity(optuna.logging.WARNING)


class Sampling:
    """One Optuna study that grows with the proposals, and a new sampler for every draw.

    A draw depends on the trials in the study and on its own seed, not on the draws before it. What
    a draw leaves in the study is marked as failed, which no sampler looks at: only `add` makes a
    trial that counts, the same for a proposal drawn now and one that an earlier run drew.

    Args:
        search: How the study searches.
        dimensions: What can be drawn for the arm, in the order of the file.
    """

    def __init__(self, search: Search, dimensions: Mapping[str, Dimension]) -> None:
        self._search = search
        self._dimensions = dimensions
        self._distributions = {key: distribution(d) for key, d in dimensions.items()}
        self._study = optuna.create_study(directions=[o.direction for o in search.objectives])
        self._numbers: list[int] = []  # of the trials that count, in Optuna's own count
        self._made = 0

    @property
    def count(self) -> int:
        """How many proposals Optuna knows of."""
        return len(self._numbers)

    def add(self, settings: Mapping[str, Value]) -> None:
        """Make the next proposal known, as undecided."""
        params = {key: to_optuna(value) for key, value in settings.items()}
        self._numbers.append(self._made)
        self._made += 1
        self._study.add_trial(
            optuna.trial.create_trial(
                state=TrialState.RUNNING,
                params=params,
                distributions={key: self._distributions[key] for key in params},
            )
        )

    def tell(self, number: int, values: list[float]) -> None:
        """Decide proposal `number`: a value for each objective; none when all replicates failed."""
        if values:
            self._study.tell(self._numbers[number], values)
        else:
            self._study.tell(self._numbers[number], state=TrialState.FAIL)

    def draw(self, arm: str, seed: int) -> dict[str, Value]:
        """Draw settings, conditions respected."""
        self._study.sampler = _sampler(self._search, seed)
        trial = self._study.ask()
        self._made += 1
        settings: dict[str, Value] = {}
        for key, dimension in self._dimensions.items():
            if dimension.applies(arm, settings):
                settings[key] = _suggest(trial, key, dimension)
        self._study.tell(trial, state=TrialState.FAIL)
        return settings


def distribution(dimension: Dimension) -> BaseDistribution:
    """Return the Optuna distribution of a dimension; a split is written as JSON."""
    if dimension.choice is not None:
        return CategoricalDistribution([to_optuna(v) for v in dimension.choice])
    low, high = dimension.bounds
    if dimension.integers is not None:
        return IntDistribution(low, high)
    return FloatDistribution(low, high, log=dimension.loguniform is not None)


def to_optuna(value: Value) -> bool | int | float | str:
    """Return a value as Optuna can keep it."""
    return json.dumps(value) if isinstance(value, tuple) else value


def _suggest(trial: optuna.Trial, key: str, dimension: Dimension) -> Value:
    if dimension.choice is not None:
        by_name = {to_optuna(choice): choice for choice in dimension.choice}
        return by_name[trial.suggest_categorical(key, list(by_name))]
    low, high = dimension.bounds
    if dimension.integers is not None:
        return int(trial.suggest_int(key, low, high))
    return float(trial.suggest_float(key, low, high, log=dimension.loguniform is not None))


def _sampler(search: Search, seed: int) -> optuna.samplers.BaseSampler:
    if search.algorithm == "random":
        return optuna.samplers.RandomSampler(seed=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return optuna.samplers.TPESampler(
            seed=seed,
            n_startup_trials=search.startup,
            multivariate=True,
            group=True,
            constant_liar=True,
        )
