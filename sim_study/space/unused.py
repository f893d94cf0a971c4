"""Values that are given for a setting which the space searches, so that nothing ever uses them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sim_study.errors import Problem
from sim_study.space.dimension import Dimension
from sim_study.space.resolve import resolve
from sim_study.space.spec import Spec


def unused_in_arms(spec: Spec, place: str) -> Iterator[Problem]:
    """Yield every value fixed for an arm for which the same key is searched."""
    for arm, own in spec.arms.items():
        for key in own.set:
            dimension = spec.dimensions_of(arm).get(key)
            if dimension is not None and _always(dimension):
                law = f"is never used: space.{key} searches it for this arm"
                yield Problem(place, law, f"arms.{arm}.set.{key}", hint="leave one of them out")


def unused_overrides(spec: Spec, keys: Iterable[str]) -> Iterator[Problem]:
    """Yield every key given by hand that is searched in all arms in which it matters.

    Args:
        spec: The study, whose keys and values are already right.
        keys: Dotted keys that were given a value.
    """
    for key in keys:
        dimension = spec.dimensions.get(key)
        if dimension is None or not _always(dimension):
            continue
        searched = dimension.arms(tuple(spec.arms))
        if not any(_matters(spec, arm, key) for arm in spec.arms if arm not in searched):
            law = "would never be used: the file searches it"
            choice = dimension.kind == "choice"
            fixed = f"{key}.choice=[VALUE]" if choice else f"{key}={{choice: [VALUE]}}"
            hint = f"give --set 'space.{fixed}'"
            yield Problem("--set", law, key, hint=hint)


def _always(dimension: Dimension) -> bool:
    """Whether it is drawn whatever the other dimensions are."""
    return not set(dimension.when) - {"arm"}


def _matters(spec: Spec, arm: str, key: str) -> bool:
    """Whether an arm for which a key is not searched is changed by it."""
    names = {
        resolve(spec, arm, {key: value}, "--set").config_hash
        for value in spec.dimensions[key].tried
    }
    return len({*names, resolve(spec, arm, {}, "--set").config_hash}) > 1
