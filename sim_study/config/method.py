"""What tells one training method from another; everybody asks here, nobody compares names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Method = Literal["gim", "sim", "cpc", "supervised", "random"]
METHODS: tuple[Method, ...] = get_args(Method)

_INFO_NCE = ("prediction_steps", "negatives", "window_frames")


@dataclass(frozen=True)
class Traits:
    """What a method is.

    Args:
        sentence: What it does, for a reader who knows neither code nor method.
        colour: In every figure and in MLflow, "#rrggbb" (Okabe and Ito 2008: told apart by
            everyone).
        objective_keys: What of the objective's section it reads.
        samples: Whether a latent is a draw from a posterior that a KL term pulls to N(0, 1).
        end_to_end: Whether one loss, at the context, trains all layers; others train each layer by
            itself.
        predicts: What its loss makes it foretell.
        trained: Whether it learns at all; one that does not is the baseline to beat.
    """

    sentence: str
    colour: str
    objective_keys: tuple[str, ...]
    samples: bool = False
    end_to_end: bool = False
    predicts: Literal["frames", "labels", "nothing"] = "frames"
    trained: bool = True

    @property
    def learns_labels(self) -> bool:
        """Whether labels train it; others never see any."""
        return self.predicts == "labels"


TRAITS: dict[Method, Traits] = {
    "gim": Traits(
        "Greedy InfoMax: every module learns by itself to tell a clip's future from others'.",
        "#0072B2",
        _INFO_NCE,
    ),
    "sim": Traits(
        "Smooth InfoMax: the same, but a latent is a draw from a normal distribution that is "
        "pulled towards N(0, 1) with the strength kld_weight (the KL pull).",
        "#D55E00",
        (*_INFO_NCE, "kld_weight", "kl_reduction"),
        samples=True,
    ),
    "cpc": Traits(
        "Contrastive Predictive Coding: the same layers, trained together by one such loss at "
        "their end.",
        "#009E73",
        _INFO_NCE,
        end_to_end=True,
    ),
    "supervised": Traits(
        "The same layers, trained together on labels, which the others never see.",
        "#CC79A7",
        ("supervised_target",),
        end_to_end=True,
        predicts="labels",
    ),
    "random": Traits(
        "An encoder with its random first weights: what needs no learning.",
        "#6B6B6B",
        (),
        predicts="nothing",
        trained=False,
    ),
}

COMPARED: tuple[Method, Method] = ("gim", "sim")
"""The second against the first, unless a reader names other arms."""


def is_untrained(method: str) -> bool:
    """Whether a method is known never to learn; an arm that has not begun has its name for one."""
    return method in METHODS and not TRAITS[method].trained
