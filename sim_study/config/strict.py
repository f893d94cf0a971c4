"""The base of every configuration model: typed, frozen, unknown keys refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from sim_study.errors import Problem, UserError, near_miss


class Strict(BaseModel):
    """A frozen model that refuses unknown keys, NaN and infinities."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Model = TypeVar("Model", bound=BaseModel)


def build(model: type[Model], data: Mapping[str, Any], place: str) -> Model:
    """Validate `data` into `model`.

    Args:
        model: The configuration model.
        data: Nested plain values, as read from YAML.
        place: Where `data` came from; opens every message.

    Raises:
        UserError: Listing every problem at once, each with key, value, law and near miss.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems = [_problem(model, detail, place) for detail in error.errors()]
        raise UserError(*dict.fromkeys(problems)) from None


def _problem(model: type[BaseModel], detail: ErrorDetails, place: str) -> Problem:
    steps, known = _walk(model, detail["loc"])
    key = ".".join(steps)
    kind = detail["type"]
    if kind == "extra_forbidden":
        return Problem(place, "unknown key", key, hint=near_miss(steps[-1], known))
    if kind == "missing":
        return Problem(place, "is required", key)
    law = detail["msg"].removeprefix("Value error, ").removeprefix("Input ")
    law = law[:1].lower() + law[1:]
    value = detail["input"]
    if isinstance(value, Mapping | BaseModel):  # a law on a section as a whole
        return Problem(place, law, key)
    return Problem(place, law, key, _Shown(repr(value)))


class _Shown(str):
    """A value that compares by its text, so that equal problems can be listed once."""

    __repr__ = str.__str__


_BRANCHES = {"int", "str", "float", "bool", "constrained-int"}


def _walk(model: type[BaseModel], location: tuple[int | str, ...]) -> tuple[list[str], list[str]]:
    """Return the keys a user would write, and the fields known beside the last of them.

    Pydantic also names the branch of a union it tried (`list[int]`, a discriminator's tag);
    such a step is in no file and is left out.
    """
    steps: list[str] = []
    current: Any = model
    known: list[str] = []
    for step in location:
        models = _models_in(current)
        if isinstance(step, str) and (tagged := [m for m in models if step in _tags(m)]):
            current = tagged[0]
            known = list(tagged[0].model_fields)
            continue
        if isinstance(step, str) and ("[" in step or step in _BRANCHES):
            continue
        steps.append(str(step))
        known = [name for candidate in models for name in candidate.model_fields]
        fields = [m.model_fields[step] for m in models if step in m.model_fields]
        if fields:
            current = fields[0].annotation
    return steps, known


def _tags(model: type[BaseModel]) -> tuple[Any, ...]:
    """Values of a model's `name` when that is a literal: what tells a union's branches apart."""
    field = model.model_fields.get("name")
    return getattr(field.annotation, "__args__", ()) if field else ()


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in getattr(annotation, "__args__", ()) for found in _models_in(part)]
