"""What encoders learn from, and whether a batch is more than all of it."""

from __future__ import annotations

from sim_study.config.trial import EncoderConfig
from sim_study.data.amounts import Amount, CorpusAmounts
from sim_study.errors import Problem, UserError
from sim_study.space.resolve import resolve
from sim_study.space.spec import Spec

KEY = "train.batch_size"


def learnt(amounts: CorpusAmounts, config: EncoderConfig) -> Amount:
    """Return how much an encoder of this configuration learns from, in its crops' length."""
    found = amounts.encoder
    if config.traits.learns_labels:
        spoken = amounts.utterances if config.objective.supervised_target == "phone" else None
        found = spoken or amounts.labelled
        kept = 1 - config.online_probe.validation_fraction
        found = found._replace(clips=max(1, round(kept * found.clips)))
    return found._replace(samples=config.train.crop_samples or found.samples)


def check_batches(spec: Spec, place: str, amounts: CorpusAmounts) -> None:
    """Refuse a batch that is larger than all that an arm learns from.

    How much that is, only the corpus tells.

    Args:
        spec: The study.
        place: The space file, for messages.
        amounts: What the corpus holds, or will hold.

    Raises:
        UserError: Listing every such batch; it would silently be a smaller one.
    """
    problems = []
    for arm, own in spec.arms.items():
        dimension = spec.dimensions_of(arm).get(KEY)
        where = f"space.{KEY}" if dimension else f"arms.{arm}.set.{KEY}" if KEY in own.set else KEY
        for value in dimension.bounds if dimension else (None,):
            config = resolve(spec, arm, {} if value is None else {KEY: value}, place)
            clips = learnt(amounts, config).clips
            if config.traits.trained and config.train.batch_size > clips:
                law = f"must not be more than the {clips} clips that arm '{arm}' learns from"
                problems.append(Problem(place, law, where, config.train.batch_size))
    if problems:
        raise UserError(*dict.fromkeys(problems))
