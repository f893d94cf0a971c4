"""Finding, reading and overriding a space file."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import Any

import yaml

from sim_study.config.strict import build
from sim_study.errors import Problem, UserError, near_miss
from sim_study.space.laws import check
from sim_study.space.spec import Spec

SHIPPED = Path(__file__).resolve().parents[2] / "search_spaces"


def load(name: str, overrides: Iterable[str] = ()) -> tuple[Spec, str]:
    """Read a space file; return the study and the place that its messages name.

    Args:
        name: A path, or the name of a file in the current folder or in `search_spaces/`.
        overrides: `key=value` pairs; any key of the file, the value in YAML.

    Raises:
        UserError: Listing every unknown key, wrong value and broken law.
    """
    path = find(name)
    data = _read(path)
    place = path.name if path.parent == SHIPPED else str(path)
    for override in overrides:
        _override(data, override)
    spec = build(Spec, data, place)
    check(spec, place)
    return spec, place


def find(name: str) -> Path:
    """Return the space file's path: the current folder comes before `search_spaces/`."""
    for path in (Path(name), Path(f"{name}.yaml"), SHIPPED / name, SHIPPED / f"{name}.yaml"):
        if path.is_file():
            return path
    known = sorted(path.name for path in SHIPPED.glob("*.yaml"))
    hint = near_miss(name, known) or f"shipped: {', '.join(known)}"
    raise UserError(Problem(name, f"no such space file here or in {SHIPPED.name}/", hint=hint))


class _Loader(yaml.SafeLoader):
    """YAML as people expect it: `1e-4` is a number, a key given twice is a mistake."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key '{key}' is given twice", node.start_mark
                )
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?[0-9]+(?:\.[0-9]*)?[eE][-+]?[0-9]+$"),
    list("-+0123456789"),
)


def parse(text: str, place: str) -> Any:
    """Read YAML text.

    Raises:
        UserError: It is not YAML; the message names the line.
    """
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        law = " ".join(str(getattr(error, "problem", None) or error).split())
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = f"line {mark.line + 1}" if mark else ""
        raise UserError(Problem(place, f"is not valid YAML: {law}", line)) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(Problem(str(path), f"cannot be read: {error}")) from None
    data = parse(text, str(path))
    if not isinstance(data, dict):
        raise UserError(Problem(str(path), "must be a mapping of keys, such as `study: kld`"))
    return data


def _override(data: dict[str, Any], override: str) -> None:
    """Set one dotted key; a key that itself holds dots (a dimension's) is matched whole."""
    key, sign, text = override.partition("=")
    if not sign or not key:
        raise UserError(Problem("--set", "must be key=value", value=override))
    value = parse(text, f"--set {key}")
    if key.startswith("seeds.") and not isinstance(data.get("seeds"), dict):
        data["seeds"] = {"search": data["seeds"]} if "seeds" in data else {}
    current: Any = data
    walked, rest = "", key
    while True:
        existing = [name for name in _names(current) if rest == name or rest.startswith(f"{name}.")]
        holds_dotted_keys = walked == "space" or re.fullmatch(r"arms\.[^.]+\.set", walked)
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
        raise UserError(Problem("--set", "no such key to set", key))


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
