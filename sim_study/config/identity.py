"""Content addresses: equal content, equal name, on every machine."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel

SCIENCE_VERSION = 1
"""Raised when the mathematics changes, so that no old result is taken for a new one."""


def content_hash(content: Any, length: int = 16) -> str:
    """Return the first `length` hex digits of the SHA-256 of `content` in canonical JSON.

    Args:
        content: A pydantic model, or nested dicts, lists, strings, numbers, booleans, None.
        length: Hex digits kept; 16 make a collision among a million names less likely than 1e-7.
    """
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()[:length]


def canonical_json(content: Any) -> str:
    """Return JSON with sorted keys and no spaces; a whole float is written as an integer."""
    if isinstance(content, BaseModel):
        content = content.model_dump(mode="json")
    return json.dumps(_plain(content), sort_keys=True, separators=(",", ":"), allow_nan=False)


def seed_for(*parts: object) -> int:
    """Return a 63-bit seed that is a pure function of `parts`, for one random stream."""
    digest = hashlib.sha256(canonical_json([str(part) for part in parts]).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def _plain(content: Any) -> Any:
    if isinstance(content, dict):
        return {str(key): _plain(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_plain(value) for value in content]
    if isinstance(content, float) and content.is_integer():
        return int(content)
    return content
