"""The configurations of a study: what they are called, which are the best, who ran them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.read.runs import Run
from sim_study.config.method import is_untrained
from sim_study.config.model import ModelConfig
from sim_study.config.trial import Stage
from sim_study.ledger.ranking import ranked_fronts
from sim_study.ledger.study_facts import StudyFacts
from sim_study.naming.configurations import configuration_label

FEW = 8
"""An arm with at most this many configurations is shown whole, not only by its best."""


@dataclass(frozen=True)
class Configuration:
    """One configuration of one arm, with its seed replicates.

    Args:
        arm: The arm's name.
        method: gim, sim, random.
        number: Its number within the arm.
        config_hash: Hash of the encoder configuration.
        settings: Searched settings by dotted key.
        model: The encoder's shape, canonical; None before it has begun.
        roles: Role of every seed that was asked for, finished or not.
        is_best: Whether it is its arm's winner.
    """

    arm: str
    method: str
    number: int
    config_hash: str
    settings: dict[str, Any] = field(default_factory=dict)
    model: ModelConfig | None = None
    roles: dict[int, str] = field(default_factory=dict)
    is_best: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What it is found by within a study: arms may share an encoder."""
        return self.arm, self.config_hash

    @property
    def label(self) -> str:
        """Arm and searched settings, such as "sim kld_weight=0.01"."""
        return configuration_label(self.arm, self.settings)

    @property
    def is_untrained(self) -> bool:
        """Whether its encoders never learn: the baseline to beat."""
        return is_untrained(self.method)

    def seeds(self, role: str) -> list[int]:
        """Seeds that were asked for in a role, sorted."""
        return sorted(seed for seed, given in self.roles.items() if given == role)

    @property
    def counted_seeds(self) -> list[int]:
        """Seeds that speak for it: the confirming ones if there are any, else all.

        The search seeds chose the configuration, so their mean is flattered by luck.
        """
        return self.seeds("confirm") or sorted(self.roles)


def finished_runs(runs: Iterable[Run], one: Configuration, stage: Stage) -> list[Run]:
    """Return a configuration's finished trials of a stage, in the order of the runs."""
    mine = [run for run in runs if run.member.stage == stage and run.key == one.key]
    return [run for run in mine if run.status == "finished"]


def read_configurations(runs: Sequence[Run], facts: StudyFacts) -> list[Configuration]:
    """Collect a study's configurations, by arm in order of appearance, then by number.

    The winner of an arm is the one `study.json` names; without it the one that ranks first over
    the search seeds that have finished; without an objective, the only one.
    """
    groups: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        if run.member.stage == "encoder":
            groups.setdefault(run.key, []).append(run)
    best = _winners(groups, facts)
    arms = list(dict.fromkeys(arm for arm, _ in groups))
    found = [
        Configuration(
            arm=arm,
            method=members[0].method,
            number=members[0].member.number,
            config_hash=config_hash,
            settings=dict(members[0].member.settings),
            model=_model(members),
            roles={run.member.seed: run.member.role for run in members},
            is_best=best.get(arm) == config_hash,
        )
        for (arm, config_hash), members in groups.items()
    ]
    return sorted(found, key=lambda found: (arms.index(found.arm), found.number))


def untrained_of(
    configurations: Sequence[Configuration], like: Configuration
) -> Configuration | None:
    """The untrained configuration of the same shape as `like`; None when there is none.

    Depth and width both matter: a wider code holds more of any label, trained or not.
    """
    untrained = [one for one in configurations if one.is_untrained]
    return next((one for one in untrained if one.model and one.model == like.model), None)


def counterpart(one: Configuration, candidates: Sequence[Configuration]) -> Configuration | None:
    """The candidate to hold `one` against.

    That is the one that agrees in every setting both arms search (such as the module count), the
    winner first; None when none agrees.
    """
    agreeing = [
        other
        for other in candidates
        if all(one.settings.get(key, value) == value for key, value in other.settings.items())
    ]
    return next((other for other in agreeing if other.is_best), agreeing[0] if agreeing else None)


def shown(configurations: Sequence[Configuration]) -> list[Configuration]:
    """Configurations worth a row: all of an arm that has few, else only its winner."""
    counts = Counter(one.arm for one in configurations)
    won = {one.arm for one in configurations if one.is_best}
    return [
        one for one in configurations if counts[one.arm] <= FEW or one.is_best or one.arm not in won
    ]


def _winners(groups: Mapping[tuple[str, str], Sequence[Run]], facts: StudyFacts) -> dict[str, str]:
    """Configuration hash of the winner of each arm that has one.

    It is the one that the engine chose; before it has, the only one, or the one that the engine's
    ranking puts first so far.
    """
    by_arm: dict[str, dict[str, Sequence[Run]]] = {}
    for (arm, config_hash), runs in groups.items():
        by_arm.setdefault(arm, {})[config_hash] = runs
    winners = {}
    for arm, candidates in by_arm.items():
        scores = {name: _scores(runs, facts) for name, runs in candidates.items()}
        known = {name: values for name, values in scores.items() if values and values[0]}
        if facts.best.get(arm) in candidates:
            winners[arm] = facts.best[arm]
        elif len(candidates) == 1:
            winners[arm] = next(iter(candidates))
        elif known:
            asked = max(len(_searching(runs)) for runs in candidates.values())
            maximize = [one.direction == "maximize" for one in facts.objective]
            winners[arm] = ranked_fronts(known, asked, maximize)[0][0]
    return winners


def _scores(runs: Sequence[Run], facts: StudyFacts) -> list[list[float]]:
    """(objective, seed) final values of the finished search replicates."""
    ended = [run.result for run in _searching(runs) if run.result]
    finished = [result.metrics for result in ended if result.status == "finished"]
    names = [objective.metric for objective in facts.objective]
    complete = [metrics for metrics in finished if all(name in metrics for name in names)]
    return [[metrics[name] for metrics in complete] for name in names]


def _searching(runs: Sequence[Run]) -> list[Run]:
    return [run for run in runs if run.member.role == "search"]


def _model(runs: list[Run]) -> ModelConfig | None:
    config = next((run.encoder_config for run in runs if run.encoder_config), None)
    return config.canonical().model if config else None
