"""A trial's configuration is always read as its stage's."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from sim_study.config.decoder import DecoderConfig
from sim_study.config.metrics import MetricsConfig
from sim_study.config.probe import ProbeConfig
from sim_study.config.trial import STAGES, Trial
from sim_study.config.views import ViewsConfig

CONFIGS = {
    "probe": ProbeConfig(),
    "decoder": DecoderConfig(module=0),
    "metrics": MetricsConfig(),
    "views": ViewsConfig(),
}


def _trial(stage: str, config: object) -> Trial:
    content = {"stage": stage, "config": config, "seed": 1, "corpus_fingerprint": "f"}
    return Trial.model_validate(content | {"upstream": "u"})


@pytest.mark.parametrize(("stage", "config"), CONFIGS.items())
def test_what_is_written_is_read_as_the_same_trial(stage: str, config: object) -> None:
    trial = _trial(stage, config)
    again = Trial.model_validate_json(trial.model_dump_json())
    assert type(again.config) is type(config)
    assert (again, again.trial_id) == (trial, trial.trial_id)


AS_BEFORE = {
    "probe": ProbeConfig(protocol="paper_only"),
    "metrics": MetricsConfig(rotations=0),
    "views": ViewsConfig(),
}
"""What a stored trial means that was written before late keys came."""


@pytest.mark.parametrize(("stage", "before"), AS_BEFORE.items())
def test_late_keys_that_are_not_stored_mean_as_before(stage: str, before: object) -> None:
    assert _trial(stage, {}).config == before


@pytest.mark.parametrize(("stage", "config"), CONFIGS.items())
def test_another_stages_configuration_is_refused(stage: str, config: object) -> None:
    for other in set(STAGES) - {stage}:
        with pytest.raises(ValidationError):
            _trial(other, config)


def test_the_same_defaults_of_two_stages_are_two_trials() -> None:
    assert len({_trial(stage, {}).trial_id for stage in ("probe", "metrics", "views")}) == 3
