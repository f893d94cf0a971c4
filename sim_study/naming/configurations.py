"""What configurations are called: the same in tables, on the terminal and in MLflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def configuration_label(arm: str, settings: Mapping[str, Any]) -> str:
    """Name a configuration by its arm and searched settings: "sim kld_weight=0.01"."""
    return " ".join([arm, *setting_words(settings)])


def setting_words(settings: Mapping[str, Any]) -> list[str]:
    """Return searched settings, such as ["kld_weight=0.01"]; dotted only where names collide."""
    names = [key.rsplit(".", 1)[-1] for key in settings]
    return [
        f"{name if names.count(name) == 1 else key}={setting_text(value)}"
        for name, (key, value) in zip(names, settings.items(), strict=True)
    ]


def setting_text(value: Any) -> str:
    """Write a searched value as people do, to four significant digits; a split as "2-2-1"."""
    if isinstance(value, list | tuple):
        return "-".join(map(str, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)
