"""One table of every quantity that results hold, for axes, columns and footnotes."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from sim_study.metrics.quantity import Quantity

CATALOGUE: dict[str, Quantity] = {
    # Training of the encoder.
    "loss": Quantity(
        "Loss", "nats", 0, inf, "lower", "InfoNCE plus the weighted KL of one module."
    ),
    "nce": Quantity(
        "InfoNCE",
        "nats",
        0,
        inf,
        "lower",
        "Mean negative log-probability of the true future frame among the negatives; comparable "
        "only between encoders with the same modules and negatives.",
    ),
    "kl": Quantity(
        "KL as trained",
        "",
        0,
        inf,
        "neither",
        "KL from N(0, 1) under the reduction that the loss uses, before its weight.",
    ),
    "kl_nats": Quantity(
        "KL per frame",
        "nats a frame",
        0,
        inf,
        "neither",
        "KL of a frame's posterior from N(0, 1), summed over channels, mean over frames.",
    ),
    "active_units": Quantity(
        "Active units",
        "dimensions",
        0,
        inf,
        "neither",
        "Dimensions whose posterior mean varies over the data by more than 0.01 (variance).",
    ),
    "learning_rate": Quantity(
        "Learning rate", "", 0, inf, "neither", "Adam's step size in this epoch."
    ),
    "seconds_per_step": Quantity(
        "Time per step", "seconds", 0, inf, "lower", "Wall time of one optimiser step."
    ),
    # Linear probes.
    "online": Quantity(
        "Online probe accuracy",
        "fraction",
        0,
        1,
        "higher",
        "A cheap linear probe on frozen features, scored on held-out training words.",
    ),
    "probe_accuracy": Quantity(
        "Probe accuracy",
        "fraction",
        0,
        1,
        "higher",
        "Test accuracy of a linear probe with bias on deterministic features.",
    ),
    "probe_accuracy_train": Quantity(
        "Probe accuracy, training split",
        "fraction",
        0,
        1,
        "neither",
        "The accuracy protocol scored on the clips it was fitted to.",
    ),
    "probe_interpretability": Quantity(
        "Bias-free probe accuracy",
        "fraction",
        0,
        1,
        "higher",
        "Test accuracy of a linear probe without bias on sampled features.",
    ),
    "probe_interpretability_train": Quantity(
        "Bias-free probe accuracy, training split",
        "fraction",
        0,
        1,
        "neither",
        "The interpretability protocol scored on the clips it was fitted to.",
    ),
    "chance": Quantity(
        "Chance",
        "fraction",
        0,
        1,
        "neither",
        "Test accuracy of always naming the most frequent class.",
    ),
    # Entanglement.
    "mig": Quantity(
        "MIG",
        "fraction",
        0,
        1,
        "higher",
        "Gap between the two dimensions that tell most about a factor, as a fraction of the "
        "factor's entropy; held out.",
    ),
    "dci_disentanglement": Quantity(
        "DCI disentanglement",
        "fraction",
        0,
        1,
        "higher",
        "How far each dimension serves a single factor.",
    ),
    "dci_completeness": Quantity(
        "DCI completeness",
        "fraction",
        0,
        1,
        "higher",
        "How far each factor is served by a single dimension.",
    ),
    "dci_informativeness": Quantity(
        "DCI informativeness",
        "fraction",
        0,
        1,
        "higher",
        "Held-out accuracy of the classifier whose weights DCI reads.",
    ),
    "hoyer": Quantity(
        "Hoyer sparsity",
        "fraction",
        0,
        1,
        "higher",
        "Concentration of a label's probe weights: 1 on one dimension, 0 even over all; mean "
        "over labels.",
    ),
    "gini": Quantity(
        "Gini index",
        "fraction",
        0,
        1,
        "higher",
        "Inequality of a label's probe weights: 1 - 1/dimensions on one dimension, 0 even over "
        "all; mean over labels.",
    ),
    "effective_dimensions": Quantity(
        "Effective dimensions",
        "dimensions",
        1,
        inf,
        "lower",
        "exp of the entropy of the dimensions' shares in a label's logit variance; mean over "
        "labels.",
    ),
    "top_k_accuracy": Quantity(
        "Accuracy kept by the top 4 dimensions",
        "fraction",
        0,
        1,
        "higher",
        "Test accuracy of the probe when all but its 4 heaviest dimensions are held at their mean.",
    ),
    # Decoders.
    "decoder_loss": Quantity(
        "Decoder loss", "", 0, inf, "lower", "The decoder's own loss on the test split."
    ),
    "decoder_mse": Quantity(
        "Decoder MSE",
        "squared amplitude",
        0,
        inf,
        "lower",
        "Mean squared difference of decoded and original samples, full scale 1, test split.",
    ),
    "decoder_mse_silence": Quantity(
        "MSE of silence",
        "squared amplitude",
        0,
        inf,
        "neither",
        "The MSE that decoding to silence would have, test split.",
    ),
}
"""Quantities by the first part of a result key."""

_NULLS = {
    "_null_p95": ("95th percentile of the null", "95th percentile over label permutations."),
    "_null": ("label-permutation null", "Mean over label permutations."),
}


def describe(key: str) -> Quantity:
    """Return the quantity behind a result key such as "mig_null/vowel/module_0".

    Raises:
        KeyError: When no quantity of that name is listed.
    """
    name = key.split("/", 1)[0]
    for suffix, (title, meaning) in _NULLS.items():
        base = CATALOGUE.get(name.removesuffix(suffix))
        if name.endswith(suffix) and base is not None:
            return replace(
                base,
                title=f"{base.title}, {title}",
                better="neither",
                meaning=f"{base.meaning} {meaning}",
            )
    return CATALOGUE[name]
