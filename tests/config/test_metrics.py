"""The metrics that a study measures by default are the same for ever."""

from __future__ import annotations

from typing import get_args

import pytest
from pydantic import create_model

from sim_study.config.identity import content_hash
from sim_study.config.metrics import MetricName, MetricsConfig
from sim_study.config.strict import build
from sim_study.config.trial import Trial, hashed_content
from sim_study.errors import UserError

BEFORE = (
    "probe_weights",
    "mig",
    "sap",
    "dci",
    "modularity_explicitness",
    "infomec",
    "total_correlation",
    "active_units",
)
NAMES = (*BEFORE[:7], "total_correlation_sampled", "effective_rank", "active_units")
"""Of new studies since version 0.2; a longer list is another trial."""
HASH, TRIAL_ID = "0f54ca2d5acb96cc", "0dbcbab40a9e6b96"
"""As they were when the default was all metrics but kde_reference, ten permutations and no more."""


def test_a_metric_that_is_added_renames_no_trial():
    assert MetricsConfig().names == NAMES
    assert {*NAMES} < {*get_args(MetricName)}
    before = MetricsConfig(names=BEFORE, permutations=10, rotations=0)
    assert content_hash(hashed_content(before)) == HASH
    trial = Trial(stage="metrics", config=before, seed=1, corpus_fingerprint="f", upstream="p")
    assert trial.trial_id == TRIAL_ID


def test_a_new_metric_is_not_in_the_default():
    field = MetricsConfig.model_fields["names"]
    more = create_model("More", __base__=MetricsConfig, names=(tuple[str, ...], field))
    assert hashed_content(more(pooling="frames")) == hashed_content(MetricsConfig(pooling="frames"))


def test_one_rotation_is_refused():
    with pytest.raises(UserError, match="one rotation has no spread"):
        build(MetricsConfig, {"rotations": 1}, "")


def test_a_study_chooses_others():
    assert build(MetricsConfig, {"names": ["dimensions_kept"]}, "").names == ("dimensions_kept",)
    with pytest.raises(UserError, match="'dimensions_kept'"):
        build(MetricsConfig, {"names": ["dimensions"]}, "")
