"""The names of the two probe protocols, as keys of results and of arrays begin."""

from __future__ import annotations

ACCURACY = "probe_accuracy"
"""Accuracy protocol: deterministic latents, a bias."""
INTERPRETABILITY = "probe_interpretability"
"""Interpretability protocol: sampled latents, no bias, so that weights tell of dimensions."""
