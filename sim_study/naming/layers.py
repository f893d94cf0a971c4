"""The layers of an encoder in order, and what people call them."""

from __future__ import annotations

import re


def layer_order(layer: str) -> tuple[int, str]:
    """Sort key: modules by number, then the context, then summaries."""
    module = re.fullmatch(r"module_(\d+)", layer)
    if module:
        return int(module[1]), layer
    return (1000 if layer == "context" else 1001), layer


def layer_title(layer: str) -> str:
    """A layer's name for people, such as "module 0"."""
    return layer.replace("_", " ") or "all"
