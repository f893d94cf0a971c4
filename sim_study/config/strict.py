"""The base of every configuration model: typed, frozen, unknown keys refused."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from sim_study.config.law_words import any_of, law_of, listed, tags_of
from sim_study.errors import Problem, UserError, near_miss


class Strict(BaseModel):
    """A frozen model that refuses unknown keys, NaN and infinities."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Model = TypeVar("Model", bound=BaseModel)

SHOWN_VALUE = 80
"""Characters of a wrong value that a message repeats."""


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
        built = model.model_validate(data)
    except ValidationError as error:
        raise UserError(*_problems(model, error.errors(), place)) from None
    if problems := list(_numbers_told_yes(data, built, place)):
        raise UserError(*problems)
    return built


def _problems(model: type[BaseModel], details: list[ErrorDetails], place: str) -> list[Problem]:
    """One problem a key and value: what several branches of a union say is said as one."""
    laws: dict[tuple[str, str], list[str]] = {}
    found: dict[tuple[str, str], Problem] = {}
    for detail in details:
        if _follows_from_another(detail):
            continue
        problem = _problem(model, detail, place)
        name = problem.key, problem.law if detail["type"] == "value_error" else ""
        found.setdefault(name, problem)
        if problem.law not in laws.setdefault(name, []):
            laws[name].append(problem.law)
    return [replace(problem, law=any_of(laws[name])) for name, problem in found.items()]


def _follows_from_another(detail: ErrorDetails) -> bool:
    """Whether a list is only too short since wrong items were left out of it."""
    given = detail["input"]
    if detail["type"] != "too_short" or not isinstance(given, list | tuple):
        return False
    return bool(len(given) >= detail["ctx"]["min_length"])


def _problem(model: type[BaseModel], detail: ErrorDetails, place: str) -> Problem:
    location, kind, value = detail["loc"], detail["type"], detail["input"]
    steps, known, models = _walk(model, location)
    key = ".".join(steps)
    if kind == "extra_forbidden":
        return Problem(place, "unknown key", key, hint=_meant(model, steps, known))
    if kind == "missing" and isinstance(location[-1], int):
        given, least = len(value), location[-1] + 1
        return Problem(place, f"must list {least} values, not {given}", ".".join(steps[:-1]))
    if kind == "missing":
        return Problem(place, "is required", key)
    tags = [str(tag) for one in models for tag in tags_of(one)]
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        if (named := value.get("name")) is None:
            return Problem(place, f"is required: {listed(tags)}", f"{key}.name")
        hint = near_miss(str(named), tags)
        return Problem(place, f"must be {listed(tags)}", f"{key}.name", shown(named), hint)
    law, hint = law_of(detail, models)
    if value is None:
        return Problem(place, f"is empty: {law}", key)
    if isinstance(value, Mapping | BaseModel) and kind == "value_error":  # of a section as a whole
        return Problem(place, law, key)
    return Problem(place, law, key, shown(value), hint)


def _meant(model: type[BaseModel], steps: list[str], known: list[str]) -> str:
    """Say which key was meant: one of this section, one of that name elsewhere, or any."""
    word = steps[-1]
    here = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    elsewhere = [path for path in key_paths(model) if path.rsplit(".", 1)[-1] == word]
    if not here and not elsewhere:
        ends = {path.rsplit(".", 1)[-1]: path for path in key_paths(model)}
        close = difflib.get_close_matches(word, ends, n=1, cutoff=0.7)
        elsewhere = [ends[name] for name in close]
    meant = list(dict.fromkeys([*here, *elsewhere]))[:3]
    if meant:
        return f"did you mean {' or '.join(repr(one) for one in meant)}?"
    return f"known here: {', '.join(known)}" if known else ""


def _numbers_told_yes(data: Mapping[str, Any], built: BaseModel, place: str) -> Iterator[Problem]:
    """Yield every number that was given as true, false, yes or no, which would count as 1 or 0."""
    for key, value in data.items():
        now = getattr(built, key, None)
        if isinstance(value, bool) and type(now) in (int, float):
            yield Problem(place, "must be a number, not yes or no", key, shown(value))
        elif isinstance(value, Mapping) and isinstance(now, BaseModel):
            for problem in _numbers_told_yes(value, now, place):
                yield replace(problem, key=f"{key}.{problem.key}")


class _Shown(str):
    """A value that compares by its text, so that equal problems can be listed once."""

    __repr__ = str.__str__


def shown(value: object) -> _Shown:
    """Return a value as a message repeats it."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return _Shown(text if len(text) <= SHOWN_VALUE else f"{text[: SHOWN_VALUE - 4]} ...")


_BRANCHES = {"int", "str", "float", "bool", "constrained-int"}


def _walk(
    model: type[BaseModel], location: tuple[int | str, ...]
) -> tuple[list[str], list[str], list[type[BaseModel]]]:
    """Follow a location: keys as a user writes them, fields beside the last, models at its end.

    Pydantic also names the branch of a union it tried (`list[int]`, a discriminator's tag);
    such a step is in no file and is left out.
    """
    steps: list[str] = []
    current: Any = model
    known: list[str] = []
    for step in location:
        models = _models_in(current)
        if isinstance(step, str) and (tagged := [m for m in models if step in tags_of(m)]):
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
    return steps, known, _models_in(current)


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in getattr(annotation, "__args__", ()) for found in _models_in(part)]


@cache
def key_paths(model: type[BaseModel]) -> tuple[str, ...]:
    """Return every key below a model's sections, dotted; lists and mappings are not entered."""
    paths: list[str] = []
    for name, field in model.model_fields.items():
        for section in _sections(field.annotation):
            paths += [f"{name}.{key}" for key in section.model_fields]
            paths += [f"{name}.{path}" for path in key_paths(section)]
    return tuple(dict.fromkeys(paths))


def _sections(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in (Union, UnionType, Annotated):
        return [one for part in annotation.__args__ for one in _sections(part)]
    return []
