"""One table of every quantity that results hold, for axes, columns and footnotes."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from sim_study.metrics.entanglement_quantities import ENTANGLEMENT
from sim_study.naming.quantity import PADDED, Chance, Quantity

CATALOGUE: dict[str, Quantity] = {
    # Training of the encoder.
    "loss": Quantity(
        "Loss",
        "nats",
        0,
        inf,
        "lower",
        "InfoNCE plus the weighted KL of one module; cross-entropy of a supervised encoder.",
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
        "KL per frame, as trained",
        "nats a frame",
        0,
        inf,
        "neither",
        "KL of a frame's posterior from N(0, 1), summed over channels, mean over frames of "
        "training words in the last epoch; each module sees a sample of the one below.",
    ),
    "kl_nats_mean_path": Quantity(
        "KL per frame, means handed on",
        "nats a frame",
        0,
        inf,
        "neither",
        "The same KL of the finished encoder when each module sees the posterior mean of the one "
        "below, which it was not trained on." + PADDED,
    ),
    "active_units": Quantity(
        "Active units",
        "dimensions",
        0,
        inf,
        "neither",
        "Dimensions of SIM whose posterior mean varies by more than 0.01 (variance); the threshold "
        "is a share of the prior's variance of 1, so other methods have none." + PADDED,
    ),
    "cross_entropy": Quantity(
        "Cross-entropy",
        "nats",
        0,
        inf,
        "lower",
        "Mean negative log-probability that a supervised encoder's head gives to the label, over "
        "training clips, or frames for phones, while it learns.",
    ),
    "train_accuracy": Quantity(
        "Accuracy while it learns",
        "fraction",
        0,
        1,
        "neither",
        "Share of training clips, or frames for phones, that a supervised encoder's head names "
        "rightly in the epoch in which it learns them.",
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
        "A cheap linear probe on frozen mean features, scored on held-out training words." + PADDED,
    ),
    "probe_accuracy": Quantity(
        "Probe accuracy, mean code",
        "fraction",
        0,
        1,
        "higher",
        "Test accuracy of a linear probe with bias on the latents' means, averaged over frames."
        + PADDED,
    ),
    "probe_accuracy_train": Quantity(
        "Probe accuracy, mean code, training split",
        "fraction",
        0,
        1,
        "neither",
        "The accuracy protocol scored on the clips it was fitted to.",
    ),
    "probe_accuracy_learning_rate": Quantity(
        "Learning rate of the probe, mean code",
        "",
        0,
        inf,
        "neither",
        "Adam's step size that read most of held-out training words or utterances.",
    ),
    "probe_interpretability": Quantity(
        "Probe accuracy, sampled code",
        "fraction",
        0,
        1,
        "higher",
        "Test accuracy of a linear probe without bias on one sample of the latents, averaged over "
        "frames: what SIM hands on. GIM's latents have no spread, so a sample is their mean."
        + PADDED,
    ),
    "probe_interpretability_train": Quantity(
        "Probe accuracy, sampled code, training split",
        "fraction",
        0,
        1,
        "neither",
        "The interpretability protocol scored on the clips it was fitted to.",
    ),
    "probe_interpretability_learning_rate": Quantity(
        "Learning rate of the probe, sampled code",
        "",
        0,
        inf,
        "neither",
        "Adam's step size that read most of held-out training words or utterances.",
    ),
    "balanced_accuracy": Quantity(
        "Balanced probe accuracy, mean code",
        "fraction",
        0,
        1,
        "higher",
        "Test accuracy of each class by itself, mean over the classes that occur, so that silence "
        "does not outweigh speech; naming one class always scores 1 / classes.",
    ),
    "chance": Quantity(
        "Chance",
        "fraction",
        0,
        1,
        "neither",
        "Test accuracy of always naming the most frequent class.",
    ),
    **ENTANGLEMENT,
    # Decoders.
    "decoder_loss": Quantity(
        "Decoder loss",
        "",
        0,
        inf,
        "lower",
        "The loss that the decoder was trained with, on the whole test split.",
    ),
    "decoder_loss_train": Quantity(
        "Decoder loss, training split",
        "",
        0,
        inf,
        "lower",
        "The same loss over the training words of an epoch, while it learns.",
    ),
    "decoder_mse": Quantity(
        "Decoder MSE",
        "squared amplitude",
        0,
        inf,
        "lower",
        "Mean squared difference of decoded and original samples, full scale 1, test split.",
    ),
    "decoder_loss_silence": Quantity(
        "Loss of silence",
        "",
        0,
        inf,
        "neither",
        "The decoder loss that decoding to silence would have, test split.",
    ),
    "decoder_mse_silence": Quantity(
        "MSE of silence",
        "squared amplitude",
        0,
        inf,
        "neither",
        "The MSE that decoding to silence would have, test split; a decoder whose loss leaves "
        "phases free, as mel and spectral ones do, may exceed it and still be heard to speak.",
    ),
    "contribution": Quantity(
        "Contribution score",
        "fraction",
        0,
        inf,
        "lower",
        "Error that remains when the K dimensions in which two test clips differ most are taken "
        "from the other clip, decoded, as a fraction of the error when none is; the target says K.",
    ),
    "contribution_half": Quantity(
        "Dimensions for half of the decoded difference",
        "fraction",
        0,
        1,
        "lower",
        "Share of the dimensions, most differing first, that must be taken from another test word "
        "for the contribution score to fall to 0.5.",
    ),
    "contribution_tenth": Quantity(
        "Dimensions for nine tenths of the decoded difference",
        "fraction",
        0,
        1,
        "lower",
        "Share of the dimensions, most differing first, that must be taken from another test word "
        "for the contribution score to fall to 0.1.",
    ),
    "contribution_max": Quantity(
        "Decoded difference between words",
        "squared amplitude",
        0,
        inf,
        "neither",
        "Mean squared difference between two decoded test words, over all pairs: what the "
        "contribution score is a fraction of.",
    ),
}
"""Quantities by the first part of a result key."""

_DRAWS: dict[Chance, tuple[str, str]] = {
    "permuted labels": ("label-permutation", "label permutations"),
    "independent dimensions": ("independent-dimensions", "orders of every dimension by itself"),
    "shuffled clips": ("shuffled-clips", "orders of every encoder's clips by themselves"),
    "none": ("no", "nothing"),
}
_NULLS = {
    "_null_p95": ("95th percentile of the null", "95th percentile over {draws}."),
    "_null": ("{name} null", "Mean over {draws}."),
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
            kind, draws = _DRAWS[base.chance]
            return replace(
                base,
                title=f"{base.title}, {title.format(name=kind)}",
                better="neither",
                meaning=f"{base.meaning} {meaning.format(draws=draws)}",
            )
    return CATALOGUE[name]
