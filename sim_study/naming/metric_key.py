"""What a metric's key says: `quantity/layer` or `quantity/target/layer`."""

from __future__ import annotations

from typing import NamedTuple

NULL_SUFFIX = "_null"


class MetricKey(NamedTuple):
    """One metric of one place.

    Args:
        quantity: Such as "probe_accuracy".
        target: Such as "vowel"; empty for a quantity without one.
        layer: module_0, module_1, ..., context, or "mean" or "all" for a summary over them.
    """

    quantity: str
    target: str
    layer: str


def parse_key(key: str) -> MetricKey:
    """Split a metric's key into quantity, target and layer."""
    quantity, _, rest = key.partition("/")
    target, _, layer = rest.rpartition("/")
    return MetricKey(quantity, target, layer)
