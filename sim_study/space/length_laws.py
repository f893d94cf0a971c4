"""Laws of geometry: clips long enough, and frames phones', in every configuration of a study."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from sim_study.config.lengths import check_lengths, check_phone_frames
from sim_study.config.trial import EncoderConfig
from sim_study.errors import Problem, UserError
from sim_study.space.corpus_laws import clip_samples
from sim_study.space.dimension import Value
from sim_study.space.resolve import resolve, restrict
from sim_study.space.spec import Spec

LENGTH_KEYS = (
    "model.kernel_sizes",
    "model.strides",
    "model.paddings",
    "objective.prediction_steps",
    "objective.window_frames",
    "objective.supervised_target",
    "train.crop_samples",
)
"""Searchable keys that decide, together, whether a clip is long enough and has frames as wanted."""


def length_problems(spec: Spec, place: str) -> Iterator[Problem]:
    """Yield every arm and value, fixed or searched, that leaves too few frames, or no phones'."""
    for arm in spec.arms:
        of_arm = f"{place}: arm {arm}"
        for settings in _variants(spec, arm):
            try:
                config = resolve(spec, arm, settings, of_arm)
                check_lengths(clip_samples(spec, config.method), config, of_arm)
                if _reads_phones(spec, config):
                    check_phone_frames(config.model, of_arm)
            except UserError as error:
                yield from error.problems


def _variants(spec: Spec, arm: str) -> Iterator[dict[str, Value]]:
    """Yield an arm's settings under all bounds together of what decides on lengths."""
    dimensions = {
        key: dimension
        for key, dimension in spec.dimensions.items()
        if key in LENGTH_KEYS and arm in dimension.arms(tuple(spec.arms))
    }
    for values in itertools.product(*(one.tried for one in dimensions.values())):
        yield restrict(dimensions, arm, dict(zip(dimensions, values, strict=True)))


def _reads_phones(spec: Spec, config: EncoderConfig) -> bool:
    """Whether an encoder learns phones, or is asked for them while it learns or afterwards."""
    asked = [spec.online_probe.target]
    if config.traits.learns_labels:
        asked.append(config.objective.supervised_target)
    if spec.downstream.probe is not None:
        asked += spec.downstream.probe.targets
    factors = () if spec.downstream.metrics is None else spec.downstream.metrics.factors
    return "phone" in (*asked, *factors)
