"""Titles, units and directions of quantities."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
    """How a quantity is written."""

    title: str
    unit: str
    low: float
    high: float
    better: str


INF = float("inf")
CATALOGUE: dict[str, Quantity] = {
    "probe_accuracy": Quantity("probe accuracy", "fraction", 0, 1, "higher"),
    "probe_interpretability": Quantity(
        "probe accuracy, interpretability protocol", "fraction", 0, 1, "higher"
    ),
    "online": Quantity("online probe accuracy", "fraction", 0, 1, "higher"),
    "mig": Quantity("mutual information gap", "fraction", 0, 1, "higher"),
    "dci_disentanglement": Quantity("DCI disentanglement", "fraction", 0, 1, "higher"),
    "hoyer": Quantity("Hoyer sparsity of probe weights", "fraction", 0, 1, "higher"),
    "kl_nats": Quantity("KL from N(0, 1)", "nats a frame", 0, INF, ""),
    "active_units": Quantity("active units", "units", 0, INF, ""),
    "nce": Quantity("InfoNCE loss", "nats", 0, INF, "lower"),
    "decoder_mse": Quantity("decoder error", "squared amplitude", 0, INF, "lower"),
}
