"""Linear probes of a frozen encoder."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from sim_study.config.strict import Strict
from sim_study.naming.targets import Target

CheckpointKind = Literal["last", "best"]
Protocol = Literal["converged", "paper", "paper_only"]
Pooling = Literal["mean", "thirds", "frames"]

PENALTIES = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
"""Candidates for the weight of the squared weights against the mean log-loss of an example. Codes
averaged over whole clips, which resemble each other, are read best at the weak end: with 1e-4 as
the weakest, syllables lose 0.06 of test accuracy on the default study, thirds of clips 0.003."""

ACCURACY = "probe_accuracy"
"""Accuracy protocol, as keys of results and arrays begin: deterministic latents, a bias."""
INTERPRETABILITY = "probe_interpretability"
"""Interpretability protocol: sampled latents, no bias, so that weights tell of dimensions."""
CONVERGED = "accuracy"
"""Converged probe of deterministic latents, with a bias, pooled as configured."""
CONVERGED_SAMPLED = "accuracy_sampled"
"""Converged probe of sampled latents, averaged over a clip's frames, without a bias: its weights
are what is asked which dimensions carry a label."""


def _distinct(rates: tuple[float, ...]) -> tuple[float, ...]:
    if len(set(rates)) < len(rates):
        raise ValueError("each value must be named once")
    return rates


LearningRates = Annotated[
    tuple[Annotated[float, Field(gt=0)], ...],
    AfterValidator(_distinct),
    Field(
        description="Candidates for learning_rate, which is then not used: each probe is fitted "
        "with the one that reads most of a validation part of the training split, the first of "
        "equals. Empty: no choice."
    ),
]


Penalties = Annotated[
    tuple[Annotated[float, Field(gt=0)], ...],
    AfterValidator(_distinct),
    Field(
        min_length=1,
        description="Candidates for the weight of a converged probe's squared weights, against the "
        "mean log-loss of an example; each probe takes the one that reads most in "
        "cross-validation inside the training split.",
    ),
]


class PhoneProbeConfig(Strict):
    """The probe of target phone: every labelled frame of whole utterances, one a step."""

    epochs: int = Field(20, ge=1, description="Passes over the training utterances.")
    learning_rate: float = Field(1e-4, gt=0, description="Adam's step size.")
    learning_rates: LearningRates = ()
    gradient_clip: float | None = Field(
        None, gt=0, description="Largest gradient norm of an utterance's step."
    )


Levels = Annotated[tuple[float, ...], AfterValidator(_distinct), Field(min_length=1)]


class RobustnessConfig(Strict):
    """How test clips are perturbed before probes of clean ones read them."""

    gain_db: Levels = Field(
        (-12.0, -6.0, 6.0, 12.0),
        description="Made so much louder; clean clips, 0 dB, are always read too.",
    )
    snr_db: Levels = Field(
        (20.0, 10.0, 5.0, 0.0),
        description="Mixed with noise, white and of many voices, this far below the clip's level.",
    )
    babble_voices: int = Field(6, ge=1, description="Voices that babble is the sum of.")
    clips: int = Field(1_000, ge=1, description="Test clips at most, drawn once for all arms.")


class ProbeConfig(Strict):
    """Linear probes of every layer and target, of deterministic and of sampled latents."""

    targets: tuple[Target, ...] = Field(
        ("vowel", "syllable"), min_length=1, description="What is read out, each by its own probe."
    )
    protocol: Protocol = Field(
        "converged",
        description="converged: multinomial logistic regression on standardised codes, fitted "
        "until its gradient vanishes, its penalty chosen by cross-validation. paper: beside it the "
        "paper's probe, a fixed number of steps of Adam; what follows from epochs to phone is of "
        "that probe alone. paper_only: without the converged one, as before version 0.2.",
    )
    pooling: Pooling = Field(
        "mean",
        description="What a converged probe reads of a clip. mean: the mean over its frames. "
        "thirds: the means over three equal parts of what sounds in it. frames: single frames of "
        "the phone that carries the target.",
    )
    penalties: Penalties = PENALTIES
    epochs: int = Field(50, ge=1, description="Passes over the training clips.")
    batch_size: int = Field(64, ge=1, description="Clips a step.")
    learning_rate: float = Field(1e-3, gt=0, description="Adam's step size.")
    learning_rates: LearningRates = ()
    validation_fraction: float = Field(
        0.2,
        gt=0,
        lt=1,
        description="Fraction of the training split's words or utterances that learning_rates are "
        "compared on; the chosen rate is then fitted to the whole split.",
    )
    gradient_clip: float | None = Field(None, gt=0, description="Largest gradient norm.")
    standardise: bool = Field(
        False,
        description="Bring every feature to mean 0 and variance 1 over the training split. false: "
        "the reference, under which the small features of a narrow or untrained encoder stay at "
        "chance for want of steps, however much they tell.",
    )
    checkpoint: CheckpointKind = Field(
        "last",
        description="last, or best: the epoch whose online probe read most, mean over layers.",
    )
    phone: PhoneProbeConfig = PhoneProbeConfig()
    robustness: RobustnessConfig | None = Field(
        None, description="Also read test clips that are louder, quieter or noisy; null: do not."
    )

    @model_validator(mode="after")
    def _robustness_is_of_a_converged_probe_of_clips(self) -> Self:
        if self.robustness is not None and self.protocol == "paper_only":
            raise ValueError("robustness is read by the converged probe: protocol has none")
        if self.robustness is not None and set(self.targets) == {"phone"}:
            raise ValueError("robustness is read from clips: targets must name more than phone")
        if self.robustness is not None and self.pooling == "frames":
            raise ValueError("robustness is read from clips: pooling must be mean or thirds")
        return self
