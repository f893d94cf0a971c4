"""Of all values of a result, those that a line about it has room for."""

from __future__ import annotations

from collections.abc import Mapping

HEADLINES = (
    "online/",
    "accuracy/vowel/",
    "accuracy/phone/",
    "accuracy/",
    "probe_accuracy/vowel/",
    "probe_accuracy/phone/",
    "probe_accuracy/",
    "dci_completeness_alignment/",
    "mig/mean/",
    "decoder_mse/",
    "dimensions_for_90/",
)


def headline(metrics: Mapping[str, float]) -> str:
    """The one or two numbers a person would ask for first."""
    for prefix in HEADLINES:
        found = {key: value for key, value in metrics.items() if key.startswith(prefix)}
        means = {key: value for key, value in found.items() if key.endswith("/mean")}
        shown = means or dict(list(found.items())[-1:])
        if shown:
            return ", ".join(f"{key} {value:.3g}" for key, value in shown.items())
    return ""
