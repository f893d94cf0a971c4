"""Primary tests in a space file: read, filled in, and every mistake named."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from sim_study.config.primary import (
    DECIDABLE,
    LEADING,
    MOST,
    PrimaryTest,
    compared_pair,
    quantity_key,
)
from sim_study.errors import UserError
from sim_study.metrics.catalogue import CATALOGUE, COMPARED
from sim_study.space.load import load
from sim_study.space.primary import primary_tests
from sim_study.space.schema import schema
from sim_study.space.spec import Spec

CONTENT = {
    "study": "small",
    "corpus": {"name": "synthetic-speech"},
    "arms": ["gim", "sim", "random"],
    "space": {"objective.kld_weight": {"choice": [1e-4, 1e-3], "when": {"arm": "sim"}}},
    "search": {"algorithm": "grid"},
}


def _load(folder: Path, **changes: object) -> Spec:
    path = folder / "small.yaml"
    path.write_text(yaml.safe_dump(CONTENT | changes), encoding="utf-8")
    return load(str(path))[0]


def _message(folder: Path, *tests: object, **changes: object) -> str:
    with pytest.raises(UserError) as caught:
        _load(folder, tests=list(tests), **changes)
    return str(caught.value)


def test_what_can_be_tested_is_compared_and_called_so() -> None:
    for key, one in DECIDABLE.items():
        assert key in COMPARED
        assert CATALOGUE[key].title == one.title


def test_words_and_keys_mean_the_same() -> None:
    words = PrimaryTest.model_validate("accuracy, vowel, module 2, sim - gim")
    keys = {"quantity": "accuracy", "target": "vowel", "layer": "module_2", "arms": ["sim", "gim"]}
    assert words == PrimaryTest.model_validate(keys)
    assert PrimaryTest.model_validate(str(words)) == words
    titled = PrimaryTest.model_validate("DCI disentanglement, alignment, context, sim - gim")
    assert (titled.quantity, titled.target, titled.layer) == (LEADING, "", "context")
    whole = PrimaryTest.model_validate("alignment of MIG, vowel, mean over layers, b - a")
    assert (whole.quantity, whole.target, whole.layer) == ("mig_alignment", "vowel", "mean")
    assert PrimaryTest.model_validate(str(whole)) == whole


@pytest.mark.parametrize("key", DECIDABLE)
def test_a_quantity_is_found_by_its_key_and_its_title(key: str) -> None:
    assert quantity_key(key) == quantity_key(DECIDABLE[key].title) == key


def test_a_file_that_names_none_has_the_default_ones(tmp_path: Path) -> None:
    assert [str(one) for one in primary_tests(_load(tmp_path))] == [
        "accuracy, vowel, context, sim - gim",
        "accuracy, vowel, module 2, sim - gim",
        f"{LEADING}, context, sim - gim",
        f"{LEADING}, module 2, sim - gim",
    ]
    assert [one.matters for one in primary_tests(_load(tmp_path))] == [0.05, 0.05, 0.1, 0.1]
    assert len(primary_tests(_load(tmp_path))) <= MOST
    unlike = _load(tmp_path, space={"model.modules": {"int": [1, 3]}})
    assert {one.layer for one in primary_tests(unlike)} == {"context"}
    unmeasured = _load(tmp_path, downstream={"metrics": None})
    assert {one.quantity for one in primary_tests(unmeasured)} == {"accuracy"}
    before = _load(tmp_path, downstream={"probe": {"protocol": "paper_only"}, "metrics": None})
    assert {one.quantity for one in primary_tests(before)} == {"probe_accuracy"}
    assert primary_tests(_load(tmp_path, downstream={"probe": None, "metrics": None})) == ()
    assert primary_tests(_load(tmp_path, arms=["gim"], space=None)) == ()
    assert primary_tests(_load(tmp_path, tests=[])) == ()


def test_what_matters_is_the_studys_or_the_tests_own(tmp_path: Path) -> None:
    own = {"quantity": "accuracy", "target": "vowel", "layer": "context", "arms": "sim - gim"}
    tests = [own | {"matters": 0.02}, "accuracy, vowel, module 1, sim - gim"]
    spec = _load(tmp_path, tests=tests, matters={"accuracy": 0.03})
    assert [one.matters for one in primary_tests(spec)] == [0.02, 0.03]


@pytest.mark.parametrize(
    ("test", "law"),
    [
        (
            "acuracy, vowel, context, sim - gim",
            "tests.0.quantity = 'acuracy': is no quantity that a primary test can be about; did "
            "you mean 'accuracy'?",
        ),
        (
            "probe_accuracy, vowel, context, sim - gim",
            "no probe of this study reports it (downstream.probe.protocol); it has accuracy,",
        ),
        (
            "accuracy, vowl, context, sim - gim",
            "tests.0.target = 'vowl': Accuracy, mean code is not read of this; did you mean",
        ),
        ("accuracy, context, sim - gim", "Accuracy, mean code needs a target; one of vowel, syl"),
        (
            "accuracy, vowel, module 3, sim - gim",
            "tests.0.layer = 'module 3': no such layer in every encoder of arm 'sim'; did you mean",
        ),
        (
            "accuracy, vowel, context, smi - gim",
            "tests.0.arms = 'smi': no such arm in this study; did you mean 'sim'?",
        ),
        ("accuracy, vowel, context, sim - sim", "an arm is tested against itself"),
        ("accuracy, vowel, context, sim", "must read ARM - ARM, such as 'sim - gim'"),
        ("accuracy", "must read QUANTITY, TARGET, LAYER, ARM - ARM, such as 'accuracy, vowel,"),
        (
            {"quantity": "accuracy", "layer": "context", "arms": "sim - gim", "larger": True},
            "tests.0.larger: unknown key",
        ),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, test: object, law: str) -> None:
    assert law in _message(tmp_path, test)


def test_alignment_needs_rotations_and_its_metric(tmp_path: Path) -> None:
    test = "DCI completeness alignment, context, sim - gim"
    for metrics in (None, {"rotations": 0}, {"names": ["mig"]}):
        said = _message(tmp_path, test, downstream={"metrics": metrics})
        assert "is not measured: it needs downstream.metrics with dci among its names" in said


def test_six_tests_and_one_named_twice_are_refused(tmp_path: Path) -> None:
    one = "accuracy, vowel, {}, sim - gim"
    layers = ("context", "module 0", "module 1", "module 2", "mean over layers")
    five = [one.format(layer) for layer in layers]
    assert len(primary_tests(_load(tmp_path, tests=five))) == 5
    said = _message(tmp_path, *five, "accuracy, syllable, context, sim - gim")
    assert "tests = 6: at most 5 primary tests" in said
    assert "tests.1 = 'accuracy, vowel, context, sim - gim': is listed twice" in _message(
        tmp_path, five[0], "accuracy, vowel, context, sim - gim"
    )


def test_the_schema_knows_both_forms() -> None:
    keys = {"quantity": "accuracy", "target": "vowel", "layer": "context", "arms": "sim - gim"}
    for test in ("accuracy, vowel, context, sim - gim", keys):
        jsonschema.validate(json.loads(json.dumps(CONTENT)) | {"tests": [test]}, schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(CONTENT | {"tests": [{"quantity": "accuracy"}]}, schema())


def test_which_arms_are_compared() -> None:
    assert compared_pair({"random": "random", "smooth": "sim", "gim": "gim"}) == ("gim", "smooth")
    assert compared_pair({"gim": "gim", "random": "random"}) == ("gim", "random")
    assert compared_pair({"gim": "gim"}) == ("gim", None)
