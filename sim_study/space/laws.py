"""Laws that hold between the parts of a space file; all broken ones are listed at once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from sim_study.config.lengths import check_lengths, check_phone_frames
from sim_study.config.method import METHODS
from sim_study.config.trial import EncoderConfig
from sim_study.errors import Problem, UserError, near_miss
from sim_study.space.corpus_laws import clip_samples, corpus_problems
from sim_study.space.dimension import Dimension, Value
from sim_study.space.limits import limit_problems
from sim_study.space.primary import primary_problems
from sim_study.space.resolve import SEARCHABLE, resolve, restrict, smallest
from sim_study.space.spec import Spec
from sim_study.space.unused import unused_in_arms

_LENGTH_KEYS = (
    "model.kernel_sizes",
    "model.strides",
    "model.paddings",
    "objective.prediction_steps",
    "objective.window_frames",
    "objective.supervised_target",
    "train.crop_samples",
)
"""Searchable keys that decide, together, whether a clip is long enough and has frames as wanted."""


def check(spec: Spec, place: str) -> None:
    """Raise a UserError listing everything in `spec` that cannot work.

    Args:
        spec: A study whose keys and types are already right.
        place: The file's name; opens every message.
    """
    problems = [
        *_keys(spec, place),
        *_conditions(spec, place),
        *_plan(spec, place),
        *corpus_problems(spec, place),
        *limit_problems(spec, place),
        *unused_in_arms(spec, place),
    ]
    if not problems:
        problems = [*_values(spec, place)]
    if not problems:
        problems = [
            *_objectives(spec, place),
            *_decoders(spec, place),
            *primary_problems(spec, place),
            *_lengths(spec, place),
        ]
    if problems:
        raise UserError(*dict.fromkeys(problems))


def _keys(spec: Spec, place: str) -> Iterator[Problem]:
    if spec.space is not None and not spec.space:
        yield Problem(
            place, "is empty: name a dimension, or leave it out to compare fixed arms", "space"
        )
    for key in spec.dimensions:
        if key not in SEARCHABLE:
            yield Problem(place, "unknown key", f"space.{key}", hint=near_miss(key, SEARCHABLE))
    for name, arm in spec.arms.items():
        for key in arm.set:
            if key not in SEARCHABLE:
                hint = near_miss(key, SEARCHABLE)
                yield Problem(place, "unknown key", f"arms.{name}.set.{key}", hint=hint)
        if arm.method is None and name not in METHODS:
            law = f"is not a method ({', '.join(METHODS)}): give it one with `method:`"
            yield Problem(place, law, f"arms.{name}", hint=near_miss(name, METHODS))


def _conditions(spec: Spec, place: str) -> Iterator[Problem]:
    earlier: list[str] = []
    for key, dimension in spec.dimensions.items():
        for other, wanted in dimension.when.items():
            where = f"space.{key}.when.{other}"
            values = wanted if isinstance(wanted, list) else [wanted]
            if other == "arm":
                for value in values:
                    if value not in spec.arms:
                        hint = near_miss(str(value), spec.arms)
                        yield Problem(place, "no such arm in this study", where, value, hint)
            elif other not in earlier:
                law = "a condition must name `arm` or a dimension listed before"
                yield Problem(place, law, where, hint=near_miss(other, ["arm", *earlier]))
            else:
                for value in values:
                    if not _can_be(spec.dimensions[other], value):
                        yield Problem(place, f"'{other}' is never this value", where, value)
        earlier.append(key)


def _can_be(dimension: Dimension, value: Value) -> bool:
    if dimension.choice is not None:
        return value in dimension.choice
    low, high = dimension.bounds
    return isinstance(value, int | float) and low <= value <= high


def _plan(spec: Spec, place: str) -> Iterator[Problem]:
    if spec.scheduler == "asha":
        yield Problem(
            place,
            "is refused: it stops single seed replicates at different epochs, and their mean "
            "would compare unequal training; the searcher would be told that as a final value",
            "scheduler",
            "asha",
            "use 'none', or fewer train.epochs and a larger search",
        )
    if spec.search.algorithm == "grid":
        for key, dimension in spec.dimensions.items():
            if not dimension.grid():
                law = "a grid needs points: how many to take from this range"
                yield Problem(place, law, f"space.{key}.points")


def _values(spec: Spec, place: str) -> Iterator[Problem]:
    """Resolve every arm as it stands, then each dimension at its bounds or choices."""
    for arm in spec.arms:
        try:
            resolve(spec, arm, {}, place)
        except UserError as error:
            yield from error.problems
    for key, dimension in spec.dimensions.items():
        where = f"space.{key}"
        idle = []
        for arm in dimension.arms(tuple(spec.arms)):
            hashes = []
            for value in dimension.tried:
                try:
                    hashes.append(resolve(spec, arm, {key: value}, f"{place}: {where}").config_hash)
                except UserError as error:
                    yield from error.problems
            if len(hashes) == len(dimension.tried) > len(set(hashes)) == 1:
                idle.append(arm)
        if idle:
            others = [arm for arm in dimension.arms(tuple(spec.arms)) if arm not in idle]
            law = f"changes nothing in an encoder of arm {' or '.join(idle)}"
            hint = f"add `when: {{arm: [{', '.join(others)}]}}`" if others else "leave it out"
            yield Problem(place, law, where, hint=hint)


def _objectives(spec: Spec, place: str) -> Iterator[Problem]:
    for index, objective in enumerate(spec.search.objectives):
        for arm in spec.arms:
            known = reported(smallest(spec, arm))
            if objective.metric not in known:
                where = f"search.objectives.{index}.metric"
                hint = near_miss(objective.metric, known) or f"one of {', '.join(known)}"
                law = f"no such value in the results of every '{arm}' encoder"
                yield Problem(place, law, where, objective.metric, hint)
                break


def _decoders(spec: Spec, place: str) -> Iterator[Problem]:
    for index, decoder in enumerate(spec.downstream.decoders):
        for arm in spec.arms:
            count = len(smallest(spec, arm).model.layers_per_module)
            if decoder.module >= count:
                law = f"an encoder of arm '{arm}' may have only {count} modules, counted from 0"
                where = f"downstream.decoders.{index}.module"
                yield Problem(place, law, where, decoder.module)


def _lengths(spec: Spec, place: str) -> Iterator[Problem]:
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
    own = spec.dimensions_of(arm)
    dimensions = {key: own[key] for key in own if key in _LENGTH_KEYS}
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


def reported(config: EncoderConfig) -> list[str]:
    """Keys that every finished trial of a configuration has in its result."""
    target = config.online_probe.target
    layers = config.model.layer_names
    keys = [f"online/{target}/{layer}" for layer in layers] + [f"online/{target}/mean"]
    if config.traits.samples:
        for quantity in ("kl_nats", "kl_nats_mean_path", "active_units"):
            keys += [f"{quantity}/{layer}" for layer in layers[:-1]]
    return keys
