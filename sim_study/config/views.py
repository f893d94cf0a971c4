"""Pictures and tables of a frozen encoder's codes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim_study.config.strict import Strict
from sim_study.naming.targets import Target

ViewName = Literal["weights", "kept", "decision", "scatter", "histograms", "tsne"]


class ViewsConfig(Strict):
    """What is drawn of the codes and probes that a probe trial has kept."""

    draw: tuple[ViewName, ...] = Field(
        ("weights", "kept", "decision", "scatter", "histograms", "tsne"),
        min_length=1,
        description="weights: probe weights and the dimensions that carry each label; kept: "
        "accuracy against the number of dimensions kept; decision: the two strongest dimensions; "
        "scatter: the three strongest; histograms: latents beside N(0, 1); tsne: the context.",
    )
    targets: tuple[Target, ...] | None = Field(
        None, min_length=1, description="Whose probes are shown; null: all that the probe read."
    )
    clips: int = Field(
        2000,
        ge=10,
        description="At most so many test clips (frames, of phones), drawn at random, are drawn "
        "and scored.",
    )
    random_orders: int = Field(
        20, ge=1, description="Random orders of dimensions beside the probe's own."
    )
    histogram_dimensions: int = Field(
        11, ge=1, description="Dimensions of largest variance with a histogram of their own."
    )
    tsne_perplexity: float = Field(
        30, gt=1, description="Neighbours a point has, in effect; at most a third of the points."
    )
