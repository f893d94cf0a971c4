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

NAMES = (
    "probe_weights",
    "mig",
    "sap",
    "dci",
    "modularity_explicitness",
    "infomec",
    "total_correlation",
    "active_units",
)
HASH, TRIAL_ID = "0f54ca2d5acb96cc", "0dbcbab40a9e6b96"
"""As they were when the default was all metrics but kde_reference."""


def test_a_metric_that_is_added_renames_no_trial():
    assert MetricsConfig().names == NAMES
    assert {*NAMES} < {*get_args(MetricName)}
    assert content_hash(hashed_content(MetricsConfig())) == HASH
    trial = Trial(
        stage="metrics", config=MetricsConfig(), seed=1, corpus_fingerprint="f", upstream="p"
    )
    assert trial.trial_id == TRIAL_ID
    field = MetricsConfig.model_fields["names"]
    more = create_model("More", __base__=MetricsConfig, names=(tuple[str, ...], field))
    assert content_hash(hashed_content(more())) == HASH


def test_a_study_chooses_others():
    assert build(MetricsConfig, {"names": ["dimensions_kept"]}, "").names == ("dimensions_kept",)
    with pytest.raises(UserError, match="'dimensions_kept'"):
        build(MetricsConfig, {"names": ["dimensions"]}, "")
