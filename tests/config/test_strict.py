"""Errors have one form; hashes depend on content alone."""

from __future__ import annotations

import math

import pytest

from sim_study.config.identity import canonical_json, content_hash, seed_for
from sim_study.config.model import ModelConfig
from sim_study.config.strict import build
from sim_study.config.train import TrainConfig
from sim_study.errors import Problem, UserError, near_miss


def _message(model: type, data: dict[str, object]) -> str:
    with pytest.raises(UserError) as caught:
        build(model, data, "file.yaml")
    return str(caught.value)


def test_every_problem_is_listed_with_place_key_value_and_law() -> None:
    message = _message(TrainConfig, {"epochs": -1, "batchsize": 3, "learning_rate": "fast"})
    assert message.splitlines() == [
        "file.yaml: epochs = -1: must be at least 0",
        "file.yaml: learning_rate = 'fast': must be a number",
        "file.yaml: batchsize: unknown key; did you mean 'batch_size'?",
    ]


def test_a_law_between_keys_is_told_in_words() -> None:
    assert "split must add up to the stack's 5 conv layers" in _message(
        ModelConfig, {"split": [2, 2]}
    )
    assert "must have the same length" in _message(ModelConfig, {"strides": [5, 4]})


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_nan_and_infinity_are_refused(value: float) -> None:
    assert "learning_rate" in _message(TrainConfig, {"learning_rate": value})


def test_split_and_count_agree() -> None:
    assert ModelConfig(modules=2).layers_per_module == (3, 2)
    assert ModelConfig().layer_names == ("module_0", "module_1", "module_2", "context")


def test_hashes_depend_on_content_not_on_order_or_spelling() -> None:
    assert content_hash({"a": 1, "b": [1.0, 2]}) == content_hash({"b": (1, 2.0), "a": 1})
    assert content_hash({"a": 1}) != content_hash({"a": 2})
    assert canonical_json({"b": 1e-4, "a": None}) == '{"a":null,"b":0.0001}'


def test_streams_have_seeds_of_their_own() -> None:
    seeds = {seed_for(s, p, m) for s in (1, 2) for p in ("noise", "init") for m in range(3)}
    assert len(seeds) == 12
    assert seed_for(1, "init", "module_0") == seed_for(1, "init", "module_0")
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_a_problem_reads_place_key_value_law_hint() -> None:
    problem = Problem("kld.yaml", "must be positive", "train.epochs", -3, "use 10")
    assert str(problem) == "kld.yaml: train.epochs = -3: must be positive; use 10"
    assert str(Problem("runs", "is full")) == "runs: is full"


def test_near_misses() -> None:
    assert near_miss("epoch", ["epochs", "seed"]) == "did you mean 'epochs'?"
    assert near_miss("kld_weight", ["a.b", "objective.kld_weight"]) == (
        "did you mean 'objective.kld_weight'?"
    )
    assert near_miss("zzz", ["epochs"]) == ""
