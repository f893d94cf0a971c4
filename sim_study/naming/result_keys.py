"""What a result's key says, `quantity/layer` or `quantity/target/layer`, and of which layer."""

from __future__ import annotations

import re
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


def layer_order(layer: str) -> tuple[int, str]:
    """Sort key: modules by number, then the context, then summaries."""
    module = re.fullmatch(r"module_(\d+)", layer)
    if module:
        return int(module[1]), layer
    return (1000 if layer == "context" else 1001), layer


def layer_title(layer: str) -> str:
    """A layer's name for people, such as "module 0"."""
    return layer.replace("_", " ") or "all"
