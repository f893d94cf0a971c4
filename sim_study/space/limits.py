"""Numbers so large that they can only be a slip: refused before they fill memory or a week."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim_study.errors import Problem
from sim_study.space.spec import Spec

MOST: dict[str, int] = {
    "model.channels": 16_384,
    "model.context_channels": 16_384,
    "train.epochs": 1_000_000,
    "search.configurations": 100_000,
    "downstream.metrics.permutations": 100_000,
    "corpus.train_words": 1_000_000,
    "corpus.test_words": 1_000_000,
}
"""A conv layer of 16,384 channels already takes 4 GB for its weights alone."""


def limit_problems(spec: Spec, place: str) -> Iterator[Problem]:
    """Yield every number of a study, fixed or searched, that is beyond its limit."""
    for where, key, value in _numbers(spec):
        if isinstance(value, int) and value > MOST[key]:
            yield Problem(place, f"must be at most {MOST[key]}", where, value)


def _numbers(spec: Spec) -> Iterator[tuple[str, str, Any]]:
    """Every value that has a limit: where it stands, its key, the value."""
    for key in MOST:
        value: Any = spec
        for step in key.split("."):
            value = getattr(value, step, None)
        yield key, key, value
        for arm, own in spec.arms.items():
            yield f"arms.{arm}.set.{key}", key, own.set.get(key)
        if key in spec.dimensions:
            for bound in spec.dimensions[key].bounds:
                yield f"space.{key}", key, bound
