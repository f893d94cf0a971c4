"""Whether a study's clips are long enough for every configuration that it may try."""

from __future__ import annotations

from sim_study.errors import Problem, UserError
from sim_study.space.corpus_laws import clip_samples, length_variants
from sim_study.space.spec import Spec
from sim_study.train.lengths import check_lengths


def check_study_lengths(spec: Spec, place: str) -> None:
    """Refuse settings, fixed or searched, that leave too few frames to predict.

    Raises:
        UserError: Listing every arm and value that does not fit.
    """
    problems: list[Problem] = []
    samples = clip_samples(spec)
    for arm, config in length_variants(spec, place):
        try:
            check_lengths(samples, config, f"{place}: arm {arm}")
        except UserError as error:
            problems += error.problems
    if problems:
        raise UserError(*dict.fromkeys(problems))
