"""From a space file's name to a study that can be run: found, read with what it includes, built."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sim_study.config.strict import build
from sim_study.errors import Problem, UserError, near_miss
from sim_study.space.laws import check
from sim_study.space.override import merged, override_all, parse_override
from sim_study.space.parse import parse
from sim_study.space.spec import Spec
from sim_study.space.unused import unused_overrides

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
    place = shown(path)
    data = read(path)
    given = [parse_override(pair) for pair in overrides]
    size = override_all(data, given, place)
    place = f"{place} (size {size})" if size else place
    spec = build(Spec, data, place)
    check(spec, place)
    if problems := list(unused_overrides(spec, [key for key, _ in given])):
        raise UserError(*problems)
    return spec, place


def find(name: str) -> Path:
    """Return the space file's path: the current folder comes before `search_spaces/`."""
    for path in (Path(name), Path(f"{name}.yaml"), SHIPPED / name, SHIPPED / f"{name}.yaml"):
        if path.is_file():
            return path
    for path in (Path(name), SHIPPED / name):
        if path.is_dir():
            files = [shown(file) for file in sorted(path.glob("*.yaml"))]
            hint = f"name one in it: {', '.join(files)}" if files else "it holds no *.yaml"
            raise UserError(Problem(name, "is a folder, not a space file", hint=hint))
    known = [shown(path) for path in shipped()]
    hint = near_miss(name, known) or f"shipped: {', '.join(known)}"
    raise UserError(Problem(name, f"no such space file here or in {SHIPPED.name}/", hint=hint))


def shipped() -> list[Path]:
    """Return every space file that comes with the project, those of folders last."""
    return sorted(SHIPPED.rglob("*.yaml"), key=lambda path: (len(path.parts), path))


def shown(path: Path) -> str:
    """Return what messages call a space file: a shipped one by its name in `search_spaces/`."""
    return path.relative_to(SHIPPED).as_posix() if path.is_relative_to(SHIPPED) else str(path)


def read(path: Path, including: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Read a space file, merged into the one that it includes.

    Args:
        path: The file.
        including: The files that led here, to find a circle.

    Raises:
        UserError: A file cannot be read, is no mapping, or includes itself.
    """
    place = shown(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(Problem(place, f"cannot be read: {error}")) from None
    data = parse(text, place)
    if not isinstance(data, dict):
        raise UserError(Problem(place, "must be a mapping of keys, such as `study: kld`"))
    if "include" not in data:
        return data
    name = data.pop("include")
    if not isinstance(name, str) or not (path.parent / name).is_file():
        hint = "name one space file, from the folder of this one"
        raise UserError(Problem(place, "no such file", "include", name, hint))
    included, chain = (path.parent / name).resolve(), (*including, path.resolve())
    if included in chain:
        raise UserError(Problem(place, "the file leads back to itself", "include", name))
    return merged(read(included, chain), data)
