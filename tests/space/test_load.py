"""Space files: found, overridden, and every mistake named at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim_study.errors import UserError
from sim_study.space.load import load

GOOD = """
study: small
question: Does it load?
corpus: {name: synthetic-speech}
arms: [gim, sim]
space:
  objective.kld_weight: {loguniform: [1e-5, 1e-2], when: {arm: sim}}
  model.modules: {int: [1, 3]}
  train.learning_rate: {choice: [1e-4, 1e-3], when: {model.modules: 3}}
"""


@pytest.fixture
def space_file(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(GOOD, encoding="utf-8")
    return path


def _message(path: Path | str, *overrides: str) -> str:
    with pytest.raises(UserError) as caught:
        load(str(path), overrides)
    return str(caught.value)


def test_a_good_file_loads_with_defaults(space_file: Path) -> None:
    spec, _ = load(str(space_file))
    assert list(spec.arms) == ["gim", "sim"]
    assert spec.seeds.search == (1, 2, 3)
    assert spec.dimensions["objective.kld_weight"].bounds == (1e-5, 1e-2)


def test_set_reaches_sections_dimensions_lists_and_new_keys(space_file: Path) -> None:
    spec, _ = load(
        str(space_file),
        [
            "train.epochs=7",
            "space.objective.kld_weight.loguniform=[1e-4, 1e-3]",
            "arms.0=sim",
            "arms.1=gim",
            "seeds=[4, 9]",
            "space.objective.kld_weight.when.arm=sim",
            "downstream.decoders=[{module: 0}]",
            "downstream.decoders.0.epochs=3",
        ],
    )
    assert spec.train.epochs == 7
    assert spec.dimensions["objective.kld_weight"].bounds == (1e-4, 1e-3)
    assert list(spec.arms) == ["sim", "gim"]
    assert spec.seeds.search == (4, 9)
    assert spec.downstream.decoders[0].epochs == 3


def test_counts_of_seeds_do_not_overlap(space_file: Path) -> None:
    seeds = load(str(space_file), ["seeds={search: 2, confirm: 3}"])[0].seeds
    assert (seeds.search, seeds.confirm) == ((1, 2), (3, 4, 5))


def test_set_reaches_keys_that_hold_dots_and_seeds_given_as_a_count(space_file: Path) -> None:
    spec, _ = load(
        str(space_file),
        ["seeds=4", "seeds.confirm=2", "arms={sim: {}}", "arms.sim.set.train.epochs=3"],
    )
    assert (spec.seeds.search, spec.seeds.confirm) == ((1, 2, 3, 4), (5, 6))
    assert spec.arms["sim"].set == {"train.epochs": 3}


def test_all_mistakes_are_listed_at_once_with_near_misses(space_file: Path) -> None:
    message = _message(space_file, "model.chanels=3", "train.epochs=-1", "serach.seed=1")
    assert message.count("\n") == 2
    assert "small.yaml: model.chanels: unknown key; did you mean 'channels'?" in message
    assert "train.epochs = -1: must be at least 0" in message
    assert "serach: unknown key; did you mean 'search'?" in message


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("space={kld_weight: {uniform: [0, 1]}}", "did you mean 'objective.kld_weight'?"),
        ("space={}", "space: is empty"),
        ("arms=[]", "arms"),
        ("space.model.modules={choice: []}", "choice is empty"),
        ("space.model.modules={int: [3, 1]}", "the lowest value must be below the highest"),
        ("space.model.modules={int: [1, 9]}", "model.modules = 9"),
        ("space.model.modules={int: [1, 3], choice: [1]}", "it has int and choice"),
        ("space.objective.kld_weight={loguniform: [0, 1]}", "must be above 0"),
        ("space.objective.kld_weight.when={arm: smi}", "no such arm in this study"),
        ("space.objective.kld_weight.when={model.modules: 2}", "a dimension listed before"),
        ("space.train.learning_rate.when={model.modules: 8}", "is never this value"),
        ("search.objectives=[{metric: online/vowel/contex}]", "'online/vowel/context'"),
        ("search.objectives=[{metric: online/vowel/module_1}]", "no such value"),
        ("search.algorithm=grid", "a grid needs points"),
        ("scheduler=asha", "is refused"),
        ("downstream={probe: null}", "metrics read the probe's features"),
        ("downstream={decoders: [{module: 2}]}", "may have only 1 modules"),
        ("arms={strong: {}}", "give it one with `method:`"),
        ("arms={sim: {set: {objective.kld: 1}}}", "did you mean 'objective.kld_weight'?"),
        ("seeds=[1, 1]", "listed twice"),
        ("seeds=0", "search: a count of seeds must be at least 1"),
        ("seeds={confirm: -1}", "confirm: a count of seeds must be at least 0"),
        ("resources.gpus=1.5", "must be a whole number"),
        ("space.train.crop_samples={int: [1600, 3200]}", "must be a multiple of 160"),
        (
            "space.objective.kld_weight={uniform: [0, 1]}",
            "changes nothing in an encoder of arm gim",
        ),
        ("space.objective.kld_weight={uniform: [0, 1]}", "add `when: {arm: [sim]}`"),
        ("study=a b", "study = 'a b'"),
        ("corpus.name=librispeech", "corpus"),
        ("corpus.trainwords=3", "did you mean 'train_words'?"),
        ("train.epochs", "must be key=value"),
        ("train.epochs=[", "is not valid YAML"),
    ],
)
def test_a_mistake_is_named(space_file: Path, override: str, words: str) -> None:
    assert words in _message(space_file, override)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "must be a mapping"),
        ("study: [", "is not valid YAML"),
        ("study: a\nstudy: b\n", "key 'study' is given twice"),
    ],
)
def test_an_unreadable_file_is_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    message = _message(path)
    assert words in message
    assert "bad.yaml" in message
