"""Every shipped space file loads, fits the schema and draws valid trials."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from sim_study.config.trial import EncoderConfig
from sim_study.space.load import SHIPPED, load, parse
from sim_study.space.schema import schema
from sim_study.study.arm_search import ArmSearch, Score

SPACES = sorted(SHIPPED.glob("*.yaml"))


def test_the_four_questions_are_shipped() -> None:
    names = {path.stem for path in SPACES}
    assert {"kld", "artificial_speech", "module_count", "seeds"} <= names


@pytest.mark.parametrize("path", SPACES, ids=lambda path: path.stem)
def test_a_space_loads_and_draws_a_valid_trial_for_every_arm(path: Path) -> None:
    spec, _ = load(path.name)
    assert spec.study == path.stem
    assert spec.question.endswith("?")
    for arm in spec.arms:
        search = ArmSearch(spec, arm, path.name)
        search.extend(lambda config: Score(True, ((0.5,),) * len(spec.search.objectives)))
        assert len(search.proposals) == search.budget >= 1
        for proposal in search.proposals:
            assert isinstance(proposal.config, EncoderConfig)
            assert proposal.config.method == (spec.arms[arm].method or arm)


@pytest.mark.parametrize("path", SPACES, ids=lambda path: path.stem)
def test_a_space_names_the_schema_and_fits_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=space.schema.json")
    jsonschema.validate(parse(text, path.name), schema())


def test_the_schema_on_disk_is_current() -> None:
    stored = json.loads((SHIPPED / "space.schema.json").read_text(encoding="utf-8"))
    assert stored == json.loads(json.dumps(schema())), "run `make schema`"


def test_the_schema_refuses_a_misspelt_key() -> None:
    data = parse((SHIPPED / "kld.yaml").read_text(encoding="utf-8"), "kld.yaml")
    data["train"]["epoch"] = 3
    with pytest.raises(jsonschema.ValidationError, match="epoch"):
        jsonschema.validate(data, schema())
