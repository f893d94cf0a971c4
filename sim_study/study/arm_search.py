"""What Optuna proposes for one arm: a pure function of the space, a seed and the results told.

Proposal n of an arm knows the results of proposals 0 .. n - in_flight and that the ones in between
are undecided, no matter when results arrive. So the same study proposes the same configurations
on a laptop, on a cluster, and after a crash.
"""

from __future__ import annotations

import json
import statistics
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import TrialState

from sim_study.config.identity import content_hash, seed_for
from sim_study.config.trial import EncoderConfig
from sim_study.space.dimension import Dimension, Value
from sim_study.space.resolve import grid, resolve
from sim_study.space.spec import Spec

optuna.logging.set_verbosity(optuna.logging.WARNING)

REDRAWS = 20
"""How often a proposal that repeats an earlier configuration is drawn again."""


@dataclass(frozen=True)
class Proposal:
    """A configuration an arm wants.

    Args:
        number: Order of proposal within the arm, from 0.
        settings: Searched values by dotted key.
        config: The resolved configuration.
    """

    number: int
    settings: dict[str, Value]
    config: EncoderConfig


@dataclass(frozen=True)
class Score:
    """What the replicates of a configuration came to.

    Args:
        decided: Whether every replicate has ended.
        values: (objective, finished seed) final values; no seeds when all failed.
    """

    decided: bool
    values: tuple[tuple[float, ...], ...]

    @property
    def means(self) -> list[float]:
        """Mean over the finished seeds, for each objective."""
        return [statistics.fmean(of_seeds) for of_seeds in self.values]

    @property
    def count(self) -> int:
        """Number of finished seeds."""
        return len(self.values[0]) if self.values else 0


ScoreOf = Callable[[EncoderConfig], Score]


class ArmSearch:
    """The proposals of one arm, in order."""

    def __init__(
        self, spec: Spec, arm: str, place: str, recorded: Sequence[dict[str, Value]] = ()
    ) -> None:
        """Begin, or take up again, the search of an arm.

        Args:
            spec: The study.
            arm: Name of the arm.
            place: The space file, for messages.
            recorded: Settings proposed by earlier runs of the same search, in order.
        """
        self.spec = spec
        self.arm = arm
        self.place = place
        self.dimensions = dimensions_of(spec, arm)
        self.proposals: list[Proposal] = []
        self.draws = bool(self.dimensions) and spec.search.algorithm != "grid"
        if self.draws:
            self._known = list(recorded)
            self.budget = spec.search.configurations
        else:
            self._known = list(grid(spec, arm))  # without dimensions: one empty combination
            self.budget = len(self._known)

    @property
    def complete(self) -> bool:
        """Whether every configuration of the budget has been proposed."""
        return len(self.proposals) >= self.budget

    def extend(self, score_of: ScoreOf) -> list[Proposal]:
        """Propose as far as the results allow; return the new proposals."""
        new = []
        while not self.complete and self._may_propose(score_of):
            number = len(self.proposals)
            if number < len(self._known):
                proposal = self._proposal(number, self._known[number])
            else:
                proposal = self._draw(number, score_of)
            self.proposals.append(proposal)
            new.append(proposal)
        return new

    def _may_propose(self, score_of: ScoreOf) -> bool:
        number = len(self.proposals)
        if number < len(self._known) or self.spec.search.algorithm == "random":
            return True
        known = self.proposals[: max(0, number - self.spec.search.in_flight + 1)]
        return all(score_of(proposal.config).decided for proposal in known)

    def _proposal(self, number: int, settings: dict[str, Value]) -> Proposal:
        return Proposal(number, settings, resolve(self.spec, self.arm, settings, self.place))

    def _draw(self, number: int, score_of: ScoreOf) -> Proposal:
        """Draw until a configuration is new, or the space seems used up."""
        known = {proposal.config.config_hash for proposal in self.proposals}
        for attempt in range(REDRAWS + 1):
            proposal = self._proposal(number, self._ask(number, attempt, score_of))
            if proposal.config.config_hash not in known:
                break
        return proposal

    def _ask(self, number: int, attempt: int, score_of: ScoreOf) -> dict[str, Value]:
        """Ask a fresh Optuna study that knows exactly what proposal `number` may know."""
        search = self.spec.search
        seed = seed_for(search.seed, "proposal", self.arm, number, attempt) % 2**32
        study = optuna.create_study(
            directions=[objective.direction for objective in search.objectives],
            sampler=_sampler(search.algorithm, seed, search.startup),
        )
        if search.algorithm == "tpe":
            told = number - search.in_flight + 1
            for proposal in self.proposals:
                score = score_of(proposal.config) if proposal.number < told else None
                study.add_trial(self._frozen(proposal, score))
        trial = study.ask()
        settings: dict[str, Value] = {}
        for key, dimension in self.dimensions.items():
            if dimension.applies(self.arm, settings):
                settings[key] = _suggest(trial, key, dimension)
        return settings

    def _frozen(self, proposal: Proposal, score: Score | None) -> optuna.trial.FrozenTrial:
        params = {key: _to_optuna(value) for key, value in proposal.settings.items()}
        state = TrialState.RUNNING
        if score is not None:
            state = TrialState.COMPLETE if score.count else TrialState.FAIL
        return optuna.trial.create_trial(
            state=state,
            params=params,
            distributions={key: distribution(self.dimensions[key]) for key in params},
            values=score.means if score is not None and score.count else None,
        )


def dimensions_of(spec: Spec, arm: str) -> dict[str, Dimension]:
    """The dimensions that can be drawn for an arm, in the order of the file."""
    names = tuple(spec.arms)
    return {key: d for key, d in spec.dimensions.items() if arm in d.arms(names)}


def search_identity(spec: Spec, arm: str, corpus_fingerprint: str) -> str:
    """Hash of everything an arm's proposals depend on.

    More configurations or more seeds continue a search; another space, corpus or training begins
    a new one, because the results that its proposals followed are not this study's.
    """
    search = spec.search.model_dump(mode="json", exclude={"configurations"})
    dimensions = {k: d.model_dump(mode="json") for k, d in dimensions_of(spec, arm).items()}
    base = resolve(spec, arm, {}, "").canonical()
    return content_hash(
        [arm, list(dimensions.items()), search, base.model_dump(), corpus_fingerprint]
    )


def distribution(dimension: Dimension) -> BaseDistribution:
    """Return the Optuna distribution of a dimension; a split is written as JSON."""
    if dimension.choice is not None:
        return CategoricalDistribution([_to_optuna(v) for v in dimension.choice])
    low, high = dimension.bounds
    if dimension.integers is not None:
        return IntDistribution(low, high)
    return FloatDistribution(low, high, log=dimension.loguniform is not None)


def _suggest(trial: optuna.Trial, key: str, dimension: Dimension) -> Value:
    if dimension.choice is not None:
        by_name = {_to_optuna(choice): choice for choice in dimension.choice}
        return by_name[trial.suggest_categorical(key, list(by_name))]
    low, high = dimension.bounds
    if dimension.integers is not None:
        return int(trial.suggest_int(key, low, high))
    return float(trial.suggest_float(key, low, high, log=dimension.loguniform is not None))


def _to_optuna(value: Value) -> bool | int | float | str:
    return json.dumps(value) if isinstance(value, tuple) else value


def _sampler(algorithm: str, seed: int, startup: int) -> optuna.samplers.BaseSampler:
    if algorithm == "random":
        return optuna.samplers.RandomSampler(seed=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return optuna.samplers.TPESampler(
            seed=seed, n_startup_trials=startup, multivariate=True, group=True, constant_liar=True
        )
