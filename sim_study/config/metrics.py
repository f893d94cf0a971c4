"""Entanglement metrics of a frozen encoder's codes."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from sim_study.config.strict import Strict

MetricName = Literal[
    "probe_weights",
    "mig",
    "sap",
    "dci",
    "modularity_explicitness",
    "infomec",
    "total_correlation",
    "kde_reference",
    "active_units",
]
Factor = Literal["consonant", "vowel", "phone", "speaker"]


class MetricsConfig(Strict):
    """Entanglement metrics, each beside its null."""

    names: tuple[MetricName, ...] = Field(
        tuple(name for name in get_args(MetricName) if name != "kde_reference"),
        description="All but kde_reference, whose value says nothing by itself.",
    )
    factors: tuple[Factor, ...] = Field(
        ("consonant", "vowel"),
        min_length=1,
        description="What the codes are held against: consonant and vowel of a clip, phone and "
        "speaker of a frame.",
    )
    permutations: int = Field(
        10, ge=1, description="Draws behind each null: of labels, or of every dimension by itself."
    )
    bins: int = Field(20, ge=2, description="Equal-width bins a dimension, for mutual information.")
