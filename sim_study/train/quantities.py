"""What training an encoder reports."""

from __future__ import annotations

from sim_study.naming.quantity import Headline, Quantity

QUANTITIES: dict[str, Quantity] = {
    "loss": Quantity(
        "Loss",
        "nats",
        "InfoNCE plus the weighted KL of one module; cross-entropy of a supervised encoder.",
        better="lower",
        family=None,
    ),
    "nce": Quantity(
        "InfoNCE",
        "nats",
        "Mean negative log-probability of the true future frame among the negatives; comparable "
        "only between encoders with the same modules and negatives.",
        better="lower",
        family=None,
    ),
    "kl": Quantity(
        "KL as trained",
        "",
        "KL from N(0, 1) under the reduction that the loss uses, before its weight.",
        family=None,
    ),
    "kl_nats": Quantity(
        "KL per frame, as trained",
        "nats a frame",
        "KL of a frame's posterior from N(0, 1), summed over channels, mean over frames of "
        "training words in the last epoch; each module sees a sample of the one below.",
        family="rate",
        headline=Headline("rate"),
    ),
    "cross_entropy": Quantity(
        "Cross-entropy",
        "nats",
        "Mean negative log-probability that a supervised encoder's head gives to the label, over "
        "training clips, or frames for phones, while it learns.",
        better="lower",
        family=None,
    ),
    "train_accuracy": Quantity(
        "Accuracy while it learns",
        "fraction",
        "Share of training clips, or frames for phones, that a supervised encoder's head names "
        "rightly in the epoch in which it learns them.",
        family=None,
    ),
    "learning_rate": Quantity("Learning rate", "", "Adam's step size in this epoch.", family=None),
    "seconds_per_step": Quantity(
        "Time per step",
        "seconds",
        "Wall time of one optimiser step.",
        better="lower",
        family=None,
    ),
}
"""InfoNCE losses are in no family: they are not comparable between arms or module counts."""
