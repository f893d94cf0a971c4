"""One question at several sizes: `sizes: {small: {train.epochs: 3}}` and `size: small`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim_study.errors import Problem, UserError, near_miss
from sim_study.space.override import override

Overrides = Sequence[tuple[str, Any]]


def override_all(data: dict[str, Any], overrides: Overrides, place: str) -> str | None:
    """Apply the chosen size and then the user's own overrides, which win, to `data` in place.

    A study of another size gets a name of its own, so that its trials are never counted among
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
