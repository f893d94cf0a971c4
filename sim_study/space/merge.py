"""One mapping laid over another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return `below` with what `above` holds: mappings merge, anything else is replaced whole."""
    both = dict(below)
    for key, value in above.items():
        beneath = both.get(key)
        if isinstance(value, Mapping) and isinstance(beneath, Mapping):
            both[key] = merged(beneath, value)
        else:
            both[key] = value
    return both
