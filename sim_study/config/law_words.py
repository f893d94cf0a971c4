"""What a value must be, in plain words, for every way in which validation can refuse it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from sim_study.errors import near_miss

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"

PATTERNS = {
    NAME_PATTERN: "must be of letters, digits, '.', '_' and '-', and begin with a letter or digit"
}
"""Laws of patterns, which nobody should have to read."""

WHOLE, NUMBER, YES, TEXT = "a whole number", "a number", "true or false", "text (in quotes)"
LIST, FINITE = "a list, such as [...]", "a finite number"

PLAIN = {
    "int_type": WHOLE,
    "int_parsing": WHOLE,
    "int_parsing_size": WHOLE,
    "int_from_float": WHOLE,
    "float_type": NUMBER,
    "float_parsing": NUMBER,
    "finite_number": FINITE,
    "bool_type": YES,
    "bool_parsing": YES,
    "string_type": TEXT,
    "tuple_type": LIST,
    "list_type": LIST,
}
"""What must be, by the kind of refusal."""

BOUNDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "greater_than_equal": lambda law: f"at least {law['ge']:g}",
    "greater_than": lambda law: f"above {law['gt']:g}",
    "less_than_equal": lambda law: f"at most {law['le']:g}",
    "less_than": lambda law: f"below {law['lt']:g}",
    "multiple_of": lambda law: f"a multiple of {law['multiple_of']:g}",
}

SECTIONS = ("model_type", "model_attributes_type")
SHOWN_KEYS = 4


def law_of(detail: ErrorDetails, models: Sequence[type[BaseModel]]) -> tuple[str, str]:
    """Say in words which law a value breaks, and what may have been meant.

    Args:
        detail: What validation says.
        models: Of the section, where one is wanted.

    Returns:
        The law, such as "must be a whole number", and a hint, which may be empty.
    """
    kind, limits = detail["type"], detail.get("ctx", {})
    if kind == "value_error":
        return detail["msg"].removeprefix("Value error, "), ""
    if kind in PLAIN:
        return f"must be {PLAIN[kind]}", ""
    if kind in BOUNDS:
        return f"must be {BOUNDS[kind](limits)}", ""
    if kind in ("too_short", "too_long"):
        short = kind == "too_short"
        number = limits["min_length" if short else "max_length"]
        return f"must list {'at least' if short else 'at most'} {number} of them", ""
    if kind == "literal_error":
        return _literal(detail)
    if kind == "string_pattern_mismatch":
        pattern = limits["pattern"]
        return PATTERNS.get(pattern, f"must match {pattern}"), ""
    if kind == "invalid_key":
        return "keys must be text", ""
    if kind == "dict_type":
        return "must be a mapping, such as {KEY: VALUE}", ""
    if kind in SECTIONS:
        return _section(detail["input"], models), ""
    return f"cannot be read: {detail['msg'].lower()}", ""


def any_of(laws: Sequence[str]) -> str:
    """Join laws of which any may be kept; one about a value itself speaks for all."""
    if (finite := f"must be {FINITE}") in laws:
        return finite
    others = [law.removeprefix("is empty: ").removeprefix("must be ") for law in laws[1:]]
    return " or ".join([*laws[:1], *others])


def listed(words: Sequence[str]) -> str:
    """Return "one of a, b, c", or the only word there is."""
    return f"one of {', '.join(words)}" if len(words) > 1 else "".join(words)


def tags_of(model: type[BaseModel]) -> tuple[Any, ...]:
    """Values of a model's `name` when that is a literal: what tells a union's branches apart."""
    field = model.model_fields.get("name")
    return getattr(field.annotation, "__args__", ()) if field else ()


def _literal(detail: ErrorDetails) -> tuple[str, str]:
    """Which words there are, and which of them was meant."""
    said = str(detail["ctx"]["expected"]).replace(" or ", ", ")
    words = [word.strip().strip("'") for word in said.split(",")]
    value = detail["input"]
    hint = near_miss(value, words) if isinstance(value, str) else ""
    return f"must be {listed(words)}", hint


def _section(value: object, models: Sequence[type[BaseModel]]) -> str:
    """What to write where a section is wanted."""
    tags = [tag for model in models for tag in tags_of(model)]
    if tags:
        return f"must be a mapping of keys, such as {{name: {value if value in tags else tags[0]}}}"
    keys = [field.alias or name for model in models for name, field in model.model_fields.items()]
    more = ", ..." if len(keys) > SHOWN_KEYS else ""
    return f"must be a mapping of keys ({', '.join(keys[:SHOWN_KEYS])}{more})"
