"""One question at several sizes."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim_study.errors import UserError
from sim_study.space.load import load
from sim_study.space.spec import Spec

FILE = """
study: whole
corpus: {name: synthetic-speech}
arms: {gim: , strong: {method: sim, set: {objective.kld_weight: 0.5}}}
train: {epochs: 100, batch_size: 64}
space:
  train.learning_rate: {choice: [1e-4, 1e-3]}
sizes:
  small:
    train.epochs: 3
    arms.strong.set.objective.kld_weight: 0.25
    space.train.learning_rate.choice: [1e-3, 2e-3]
    seeds: 1
  named: {study: of_its_own}
"""


@pytest.fixture
def space_file(tmp_path: Path) -> Path:
    path = tmp_path / "whole.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def _load(path: Path, *overrides: str) -> Spec:
    return load(str(path), overrides)[0]


def _message(path: Path, *overrides: str) -> str:
    with pytest.raises(UserError) as caught:
        load(str(path), overrides)
    return str(caught.value)


def test_without_a_size_the_file_stands(space_file: Path) -> None:
    spec = _load(space_file)
    assert (spec.study, spec.size, spec.train.epochs) == ("whole", None, 100)


def test_a_size_overrides_what_it_lists_and_nothing_else(space_file: Path) -> None:
    spec = _load(space_file, "size=small")
    assert (spec.size, spec.train.epochs, spec.train.batch_size) == ("small", 3, 64)
    assert spec.arms["strong"].set == {"objective.kld_weight": 0.25}
    assert spec.dimensions["train.learning_rate"].bounds == (1e-3, 2e-3)
    assert spec.seeds.search == (1,)


def test_set_wins_over_the_size_in_either_order(space_file: Path) -> None:
    for pairs in (("size=small", "train.epochs=5"), ("train.epochs=5", "size=small")):
        spec = _load(space_file, *pairs)
        assert (spec.train.epochs, spec.seeds.search) == (5, (1,))


def test_a_size_can_itself_be_set(space_file: Path) -> None:
    assert _load(space_file, "size=small", "sizes.small.train.epochs=4").train.epochs == 4
    assert _load(space_file, "size=tiny", "sizes.tiny={train.epochs: 2}").train.epochs == 2


def test_a_size_is_a_study_of_its_own(space_file: Path) -> None:
    assert _load(space_file, "size=small").study == "whole-small"
    assert _load(space_file, "size=small", "study=mine").study == "mine"
    assert _load(space_file, "size=named").study == "of_its_own"


def test_a_file_may_choose_its_size(space_file: Path) -> None:
    space_file.write_text(f"{FILE}size: small\n", encoding="utf-8")
    assert _load(space_file).train.epochs == 3
    assert _load(space_file, "size=null").train.epochs == 100


def test_mistakes_inside_a_size_are_listed_like_any(space_file: Path) -> None:
    message = _message(space_file, "size=small", "sizes.small.train.epoch=4", "train.epochs=-1")
    assert "whole.yaml (size small): train.epoch: unknown key; did you mean 'epochs'?" in message
    assert "train.epochs = -1" in message


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["size=smal"], "size = 'smal': no such size; did you mean 'small'?"),
        (["size=vast"], "no such size; one of small, named"),
        (["size=small", "sizes=null"], "the file lists no `sizes:`"),
        (["size=small", "sizes.small=3"], "sizes.small = 3: must be a mapping of dotted keys"),
        (["size=small", "sizes.small={study.x: 3}"], "sizes.small: study.x: no such key to set"),
        (["size=small", "sizes.small={size: big}"], "sizes.small.size: a size cannot choose"),
        (["sizes.small=3"], "sizes.small"),
    ],
)
def test_a_wrong_size_is_named(space_file: Path, overrides: list[str], words: str) -> None:
    assert words in _message(space_file, *overrides)
