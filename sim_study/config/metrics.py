"""Entanglement metrics of a frozen encoder's codes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from sim_study.config.probe import Pooling
from sim_study.config.strict import Strict

CodeMetricName = Literal[
    "mig",
    "sap",
    "dci",
    "dci_forest",
    "modularity_explicitness",
    "infomec",
    "total_correlation",
    "total_correlation_sampled",
    "effective_rank",
    "kde_reference",
    "kde_frames",
    "active_units",
]
"""Metrics of codes; each has a file of this name in `sim_study/metrics/measures/`. Their order is
that of tables."""
ProbeMetricName = Literal["probe_weights", "dimensions_kept"]
"""Metrics of probes trained on sampled codes, likewise."""
MetricName = Literal[CodeMetricName, ProbeMetricName]
Factor = Literal["consonant", "vowel", "position", "voice", "pitch", "rate", "phone", "speaker"]


class MetricsConfig(Strict):
    """Entanglement metrics, each beside its null."""

    names: tuple[MetricName, ...] = Field(
        (
            "probe_weights",
            "mig",
            "sap",
            "dci",
            "modularity_explicitness",
            "infomec",
            "total_correlation",
            "total_correlation_sampled",
            "effective_rank",
            "active_units",
        ),
        description="Fixed by default, so that a metric that is added renames and repeats no "
        "trial: without dci_forest, which is slow, kde_reference and kde_frames, whose values say "
        "nothing by themselves, and dimensions_kept, which the views stage reports.",
    )
    factors: tuple[Factor, ...] = Field(
        ("consonant", "vowel"),
        min_length=1,
        description="What the codes are held against: consonant, vowel, position in the word, "
        "voice, pitch and rate of a clip, phone and speaker of a frame; pitch and rate are low, "
        "middle or high.",
    )
    permutations: int = Field(
        19,
        ge=1,
        description="Draws behind each null: of labels, or of every dimension by itself; 19 are "
        "the fewest whose largest is passed by chance one time in 20.",
    )
    rotations: int = Field(
        6,
        ge=0,
        description="Random rotations of the code, against which alignment is measured, at least "
        "two for a spread; 0: none, and classifiers of before version 0.2.",
    )
    pooling: Pooling = Field(
        "mean",
        description="What the codes are of. mean: a clip's mean over its frames. thirds: of three "
        "equal parts of what sounds in it. frames: single frames of the phone that carries a "
        "factor. Factors of frames (phone) are always read from frames.",
    )
    bins: int = Field(20, ge=2, description="Equal-width bins a dimension, for mutual information.")

    @field_validator("rotations")
    @classmethod
    def _has_a_spread(cls, rotations: int) -> int:
        if rotations == 1:
            raise ValueError("one rotation has no spread; ask for at least two, or none")
        return rotations
