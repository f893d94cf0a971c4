"""Proposals depend on the space, the seed and the results told; never on timing or crashes."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sim_study.config.train import TrainConfig
from sim_study.config.trial import EncoderConfig
from sim_study.space.spec import Spec
from sim_study.study.plan.arm_search import ArmSearch, Score, search_identity


def _spec(**search: Any) -> Spec:
    return Spec.model_validate(
        {
            "study": "s",
            "corpus": {"name": "synthetic-speech"},
            "arms": ["gim", "sim"],
            "space": {
                "objective.kld_weight": {"loguniform": [1e-6, 1.0], "when": {"arm": "sim"}},
                "model.modules": {"int": [1, 5]},
            },
            "search": {"configurations": 24, **search},
        }
    )


def _value(config: EncoderConfig) -> float:
    """Best at a weight of 1e-3."""
    return -abs(math.log10(config.objective.kld_weight) + 3)


def _decided(config: EncoderConfig) -> Score:
    return Score(True, ((_value(config), _value(config)),))


def _settings(search: ArmSearch) -> list[dict[str, Any]]:
    return [proposal.settings for proposal in search.proposals]


def _late_distance(algorithm: str, seed: int) -> float:
    """Mean distance, in decades, of the second half of the proposals from the optimum."""
    search = ArmSearch(_spec(algorithm=algorithm, seed=seed), "sim", "here")
    search.extend(_decided)
    late = search.proposals[12:]
    return sum(-_value(proposal.config) for proposal in late) / len(late)


def test_tpe_moves_towards_the_optimum_and_random_search_does_not() -> None:
    tpe, random = (
        sum(_late_distance(algorithm, seed) for seed in range(5)) / 5
        for algorithm in ("tpe", "random")
    )
    assert tpe < 0.6 * random


def test_a_configuration_is_proposed_again_only_when_the_space_is_used_up() -> None:
    spec = Spec.model_validate(
        {
            "study": "s",
            "corpus": {"name": "synthetic-speech"},
            "arms": ["gim"],
            "space": {"model.modules": {"int": [1, 5]}},
            "search": {"configurations": 6, "in_flight": 1},
        }
    )
    search = ArmSearch(spec, "gim", "here")
    search.extend(lambda config: Score(True, ((0.5,),)))
    counts = [proposal.settings["model.modules"] for proposal in search.proposals]
    assert sorted(counts[:5]) == [1, 2, 3, 4, 5]


def test_results_that_arrive_late_change_no_proposal() -> None:
    at_once = ArmSearch(_spec(), "sim", "here")
    at_once.extend(_decided)
    slow = ArmSearch(_spec(), "sim", "here")
    told: set[str] = set()

    def score(config: EncoderConfig) -> Score:
        return _decided(config) if config.config_hash in told else Score(False, ())

    rounds = 0
    while not slow.complete:
        slow.extend(score)
        waiting = [p for p in slow.proposals if p.config.config_hash not in told]
        assert 1 <= len(waiting) <= 2, "in_flight bounds what is undecided"
        told.add(waiting[-1].config.config_hash if rounds % 2 else waiting[0].config.config_hash)
        rounds += 1
    assert _settings(slow) == _settings(at_once)


def test_recorded_proposals_are_taken_up_and_gone_on_from() -> None:
    whole = ArmSearch(_spec(), "sim", "here")
    whole.extend(_decided)
    continued = ArmSearch(_spec(), "sim", "here", recorded=_settings(whole)[:7])
    continued.extend(_decided)
    assert _settings(continued) == _settings(whole)


@pytest.mark.parametrize("algorithm", ["tpe", "random"])
def test_what_earlier_draws_left_in_optuna_changes_no_later_one(algorithm: str) -> None:
    spec = Spec.model_validate(
        {
            "study": "s",
            "corpus": {"name": "synthetic-speech"},
            "arms": ["sim"],
            "space": {
                "model.modules": {"int": [1, 3]},
                "objective.kld_weight": {
                    "loguniform": [1e-6, 1.0],
                    "when": {"model.modules": [1, 2]},
                },
            },
            "search": {"configurations": 16, "algorithm": algorithm, "startup": 3},
        }
    )
    whole = ArmSearch(spec, "sim", "here")
    whole.extend(_decided)
    for known in range(1, 16):  # a history without any draw, then one draw
        continued = ArmSearch(spec, "sim", "here", recorded=_settings(whole)[:known])
        continued.extend(_decided)
        assert _settings(continued)[known] == _settings(whole)[known]


def test_a_larger_budget_keeps_the_first_proposals() -> None:
    small, large = ArmSearch(_spec(configurations=6), "sim", "here"), ArmSearch(_spec(), "sim", "x")
    small.extend(_decided)
    large.extend(_decided)
    assert _settings(large)[:6] == _settings(small)
    identities = {search_identity(s.spec, "sim", "f") for s in (small, large)}
    assert len(identities) == 1


def test_another_training_space_or_corpus_is_another_search() -> None:
    spec = _spec()
    other = spec.model_copy(update={"train": TrainConfig(epochs=7)})
    identities = {
        search_identity(spec, "sim", "f"),
        search_identity(spec, "sim", "g"),
        search_identity(other, "sim", "f"),
        search_identity(_spec(seed=1), "sim", "f"),
        search_identity(spec, "gim", "f"),
    }
    assert len(identities) == 5


def test_seed_and_arm_change_the_proposals() -> None:
    found = []
    for spec, arm in ((_spec(), "sim"), (_spec(seed=1), "sim")):
        search = ArmSearch(spec, arm, "here")
        search.extend(_decided)
        found.append(_settings(search))
    assert found[0] != found[1]


def test_conditions_hold_in_every_proposal() -> None:
    search = ArmSearch(_spec(algorithm="random"), "gim", "here")
    search.extend(lambda config: Score(False, ()))
    assert search.complete, "random proposals wait for nothing"
    assert all(set(settings) == {"model.modules"} for settings in _settings(search))
    assert {s["model.modules"] for s in _settings(search)} == {1, 2, 3, 4, 5}


@pytest.mark.parametrize("arm", ["gim", "sim"])
def test_a_configuration_whose_seeds_all_failed_is_survived(arm: str) -> None:
    search = ArmSearch(_spec(configurations=10), arm, "here")
    search.extend(lambda config: Score(True, ()))
    assert search.complete


def test_several_objectives_are_told_together() -> None:
    spec = _spec(
        configurations=12,
        objectives=[
            {"metric": "online/vowel/mean"},
            {"metric": "active_units/module_0", "direction": "minimize"},
        ],
    )
    search = ArmSearch(spec, "sim", "here")
    search.extend(lambda c: Score(True, ((_value(c),), (c.objective.kld_weight,))))
    assert len(search.proposals) == 12


def test_splits_are_searchable() -> None:
    spec = Spec.model_validate(
        {
            "study": "s",
            "corpus": {"name": "synthetic-speech"},
            "arms": ["gim"],
            "space": {"model.split": {"choice": [[2, 2, 1], [1, 4]]}},
            "search": {"configurations": 8},
        }
    )
    search = ArmSearch(spec, "gim", "here")
    search.extend(lambda config: Score(True, ((0.5,),)))
    assert {p.config.model.layers_per_module for p in search.proposals} == {(2, 2, 1), (1, 4)}
