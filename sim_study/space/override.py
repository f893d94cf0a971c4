"""Setting one dotted key in what a space file holds."""

from __future__ import annotations

import re
from typing import Any

from sim_study.errors import Problem, UserError
from sim_study.space.parse import parse


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
