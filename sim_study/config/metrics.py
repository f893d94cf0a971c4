"""Entanglement metrics of a frozen encoder's codes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim_study.config.strict import Strict

MetricName = Literal["probe_weights", "mig", "dci"]


class MetricsConfig(Strict):
    """Entanglement metrics, each beside its label-permutation null."""

    names: tuple[MetricName, ...] = ("probe_weights", "mig", "dci")
    factors: tuple[Literal["consonant", "vowel"], ...] = Field(("consonant", "vowel"), min_length=1)
    permutations: int = Field(10, ge=1, description="Label permutations behind each null.")
    bins: int = Field(20, ge=2, description="Equal-width bins a dimension, for mutual information.")
