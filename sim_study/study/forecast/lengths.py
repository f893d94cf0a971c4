"""Whether clips are long enough, and frames phones', for every configuration of a study."""

from __future__ import annotations

from sim_study.config.lengths import check_lengths, check_phone_frames
from sim_study.config.trial import EncoderConfig
from sim_study.errors import Problem, UserError
from sim_study.space.corpus_laws import clip_samples, length_variants, phone_problems
from sim_study.space.spec import Spec


def check_study_lengths(spec: Spec, place: str) -> None:
    """Refuse settings, fixed or searched, that leave too few frames, or others than phones have.

    Raises:
        UserError: Listing every arm and value that does not fit.
    """
    problems: list[Problem] = []
    for arm, config in length_variants(spec, place):
        of_arm = f"{place}: arm {arm}"
        try:
            check_lengths(clip_samples(spec, config.method), config, of_arm)
            if _reads_phones(spec, config):
                check_phone_frames(config.model, of_arm)
        except UserError as error:
            problems += error.problems
    if problems:
        raise UserError(*dict.fromkeys(problems))


def check_phones_told(spec: Spec, place: str, told: bool) -> None:
    """Refuse a study that asks for phones where there are no phone labels.

    Args:
        spec: The study.
        place: The space file, for messages.
        told: Whether the corpus has utterances with phone labels.

    Raises:
        UserError: Listing every key that asks for phones.
    """
    problems = [] if told else [*phone_problems(spec, place)]
    if problems:
        raise UserError(*problems)


def _reads_phones(spec: Spec, config: EncoderConfig) -> bool:
    """Whether an encoder is told phones, or asked for them while it learns or afterwards."""
    asked = [spec.online_probe.target]
    if config.traits.learns_labels:
        asked.append(config.objective.supervised_target)
    if spec.downstream.probe is not None:
        asked += spec.downstream.probe.targets
    factors = () if spec.downstream.metrics is None else spec.downstream.metrics.factors
    return "phone" in (*asked, *factors)
