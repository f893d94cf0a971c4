"""From an arm and its settings to a fully resolved configuration."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from sim_study.config.model import ModelConfig
from sim_study.config.strict import build
from sim_study.config.train import ObjectiveConfig, TrainConfig
from sim_study.config.trial import EncoderConfig
from sim_study.space.dimension import Dimension, Value
from sim_study.space.spec import Spec

SECTIONS: dict[str, type[BaseModel]] = {
    "model": ModelConfig,
    "objective": ObjectiveConfig,
    "train": TrainConfig,
}
"""Sections of the space file whose keys can be fixed for an arm or searched."""

SEARCHABLE: tuple[str, ...] = tuple(
    f"{section}.{key}" for section, model in SECTIONS.items() for key in model.model_fields
)


def resolve(spec: Spec, arm: str, settings: Mapping[str, Value], place: str) -> EncoderConfig:
    """Return the configuration of an arm under some settings.

    Args:
        spec: The study.
        arm: Name of the arm.
        settings: Values of searched keys; they override the arm's own, which override the file's.
        place: Opens every message.

    Raises:
        UserError: A value is out of range, or values do not fit together.
    """
    data: dict[str, Any] = {name: getattr(spec, name).model_dump() for name in SECTIONS}
    for key, value in {**spec.arms[arm].set, **settings}.items():
        section, name = key.split(".", 1)
        data[section][name] = value
        if name == "modules":  # a searched module count means the standard split of that count
            data[section]["split"] = None
    data["method"] = spec.method_of(arm)
    data["online_probe"] = spec.online_probe.model_dump()
    return build(EncoderConfig, data, place)


def grid(spec: Spec, arm: str) -> Iterator[dict[str, Value]]:
    """Yield every combination of an arm's grid points, conditions respected, none twice."""
    seen: set[tuple[tuple[str, Value], ...]] = set()
    columns = {key: dimension.grid() for key, dimension in spec.dimensions_of(arm).items()}
    for values in itertools.product(*columns.values()):
        settings = restrict(spec.dimensions, arm, dict(zip(columns, values, strict=True)))
        if (name := tuple(settings.items())) not in seen:
            seen.add(name)
            yield settings


def restrict(
    dimensions: Mapping[str, Dimension], arm: str, values: Mapping[str, Value]
) -> dict[str, Value]:
    """Keep the values whose dimension applies, given those before it."""
    settings: dict[str, Value] = {}
    for key, dimension in dimensions.items():
        if key in values and dimension.applies(arm, settings):
            settings[key] = values[key]
    return settings


def smallest(spec: Spec, arm: str) -> EncoderConfig:
    """Return the configuration of an arm with the fewest modules its space can draw."""
    candidates = [resolve(spec, arm, {}, "")]
    for key in ("model.modules", "model.split"):
        if dimension := spec.dimensions_of(arm).get(key):
            candidates += [resolve(spec, arm, {key: value}, "") for value in dimension.bounds]
    return min(candidates, key=lambda config: len(config.model.layers_per_module))
