"""From a space file's name to a study that can be run."""

from __future__ import annotations

from collections.abc import Iterable

from sim_study.config.strict import build
from sim_study.space.find import find, read, shown
from sim_study.space.laws import check
from sim_study.space.override import override_all, parse_override
from sim_study.space.spec import Spec


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
    size = override_all(data, [parse_override(pair) for pair in overrides], place)
    place = f"{place} (size {size})" if size else place
    spec = build(Spec, data, place)
    check(spec, place)
    return spec, place
