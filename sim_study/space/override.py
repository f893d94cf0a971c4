"""Laying values over what a space file holds: a mapping, one dotted key, one of its sizes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sim_study.errors import Problem, UserError, near_miss
from sim_study.space.parse import parse


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return `below` with what `above` holds: mappings merge, anything else is replaced whole."""
    both = dict(below)
    for key, value in above.items():
        beneath = both.get(key)
        if isinstance(value, Mapping) and isinstance(beneath, Mapping):
            both[key] = merged(beneath, value)
        else:
            both[key] = value
    return both


def parse_override(override: str) -> tuple[str, Any]:
    """Read `key=value`, the value in YAML.

    Raises:
        UserError: It has another form.
    """
    key, sign, text = override.partition("=")
    key = key.strip()
    if not sign or not key:
        raise UserError(Problem("--set", "must be key=value", value=override))
    return key, parse(text, f"--set {key}")


def override(data: dict[str, Any], key: str, value: Any, place: str) -> None:
    """Set one dotted key in place; a key that itself holds dots (a dimension's) is matched whole.

    Args:
        data: What a space file holds; changed in place.
        key: Dotted; a number is a place in a list.
        value: What it becomes.
        place: Where the wish comes from; opens every message.

    Raises:
        UserError: The key leads into a value, or beyond the end of a list.
    """
    if key.startswith("seeds.") and not isinstance(data.get("seeds"), dict):
        data["seeds"] = {"search": data["seeds"]} if "seeds" in data else {}
    current: Any = data
    walked, rest = "", key
    while True:
        existing = [name for name in _names(current) if rest == name or rest.startswith(f"{name}.")]
        holds_dotted_keys = walked == "space" or re.fullmatch(
            r"arms\.[^.]+\.set|sizes\.[^.]+", walked
        )
        step = max(existing, key=len, default=rest if holds_dotted_keys else rest.split(".", 1)[0])
        if rest == step:
            break
        current = _descend(current, step)
        walked, rest = f"{walked}.{step}".lstrip("."), rest[len(step) + 1 :]
    if isinstance(current, list) and rest.isdigit() and int(rest) < len(current):
        current[int(rest)] = value
    elif isinstance(current, dict):
        current[rest] = value
    else:
        raise UserError(Problem(place, "no such key to set", key))


def _names(current: Any) -> list[str]:
    if isinstance(current, dict):
        return [str(name) for name in current]
    if isinstance(current, list):
        return [str(index) for index in range(len(current))]
    return []


def _descend(current: Any, step: str) -> Any:
    if isinstance(current, list):
        return current[int(step)] if step.isdigit() and int(step) < len(current) else None
    if not isinstance(current, dict):
        return None
    if current.get(step) is None:
        current[step] = {}
    return current[step]


def override_all(
    data: dict[str, Any], overrides: Sequence[tuple[str, Any]], place: str
) -> str | None:
    """Apply the chosen size and then the user's own overrides, which win, to `data` in place.

    A file asks one question at several sizes: `sizes: {small: {train.epochs: 3}}`, `size: small`. A
    study of another size gets a name of its own, so that its trials are never counted among
    those of the question at full size.

    Args:
        data: What a space file holds.
        overrides: Dotted keys and values.
        place: The file's name; opens every message.

    Returns:
        The chosen size; None: the file as it stands.

    Raises:
        UserError: There is no such size, or a key leads nowhere.
    """
    for key, value in overrides:
        if _about_sizes(key):
            override(data, key, value, "--set")
    size = data.get("size")
    if size is not None:
        name = data.get("study")
        for key, value in _settings(data.get("sizes"), size, place).items():
            override(data, str(key), value, f"{place}: sizes.{size}")
        if data.get("study") == name and isinstance(name, str):
            data["study"] = f"{name}-{size}"
    for key, value in overrides:
        if not _about_sizes(key):
            override(data, key, value, "--set")
    return size


def _settings(sizes: Any, size: Any, place: str) -> dict[Any, Any]:
    known = list(sizes) if isinstance(sizes, dict) else []
    if size not in known:
        hint = near_miss(str(size), map(str, known)) or (
            f"one of {', '.join(map(str, known))}" if known else "the file lists no `sizes:`"
        )
        raise UserError(Problem(place, "no such size", "size", size, hint))
    settings = sizes[size]
    if not isinstance(settings, dict):
        law = "must be a mapping of dotted keys, such as {train.epochs: 3}"
        raise UserError(Problem(place, law, f"sizes.{size}", settings))
    if nested := [key for key in settings if _about_sizes(str(key))]:
        law = "a size cannot choose or change sizes"
        raise UserError(*(Problem(place, law, f"sizes.{size}.{key}") for key in nested))
    return settings


def _about_sizes(key: str) -> bool:
    return key.split(".", 1)[0] in ("size", "sizes")
