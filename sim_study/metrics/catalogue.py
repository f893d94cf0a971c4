"""One table of every quantity that results hold, for axes, columns and footnotes."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from sim_study.metrics.quantity import Quantity

_PADDED = " Over whole syllable clips, their silent padding included."

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
        "below, which it was not trained on." + _PADDED,
    ),
    "active_units": Quantity(
        "Active units",
        "dimensions",
        0,
        inf,
        "neither",
        "Dimensions of SIM whose posterior mean varies by more than 0.01 (variance); the threshold "
        "is a share of the prior's variance of 1, so other methods have none." + _PADDED,
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
        "A cheap linear probe on frozen mean features, scored on held-out training words."
        + _PADDED,
    ),
    "probe_accuracy": Quantity(
        "Probe accuracy, mean code",
        "fraction",
        0,
        1,
        "higher",
        "Test accuracy of a linear probe with bias on the latents' means, averaged over frames."
        + _PADDED,
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
        + _PADDED,
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
    # Entanglement.
    "mig": Quantity(
        "MIG",
        "fraction",
        0,
        1,
        "higher",
        "Gap between the two dimensions that tell most about a factor, as a fraction of the "
        "factor's entropy; mean code, held out." + _PADDED,
    ),
    "dci_disentanglement": Quantity(
        "DCI disentanglement",
        "fraction",
        0,
        1,
        "higher",
        "How far each dimension serves a single factor; mean code." + _PADDED,
    ),
    "dci_completeness": Quantity(
        "DCI completeness",
        "fraction",
        0,
        1,
        "higher",
        "How far each factor is served by a single dimension; mean code." + _PADDED,
    ),
    "dci_informativeness": Quantity(
        "DCI informativeness",
        "fraction",
        0,
        1,
        "higher",
        "Held-out accuracy of the classifier whose weights DCI reads; mean code." + _PADDED,
    ),
    "hoyer": Quantity(
        "Hoyer sparsity",
        "fraction",
        0,
        1,
        "higher",
        "Concentration of a label's probe weights: 1 on one dimension, 0 even over all; mean "
        "over labels; sampled code." + _PADDED,
    ),
    "gini": Quantity(
        "Gini index",
        "fraction",
        0,
        1,
        "higher",
        "Inequality of a label's probe weights: 1 - 1/dimensions on one dimension, 0 even over "
        "all; mean over labels; sampled code." + _PADDED,
    ),
    "effective_dimensions": Quantity(
        "Effective dimensions",
        "dimensions",
        1,
        inf,
        "lower",
        "exp of the entropy of the dimensions' shares in a label's logit variance; mean over "
        "labels; sampled code." + _PADDED,
    ),
    "top_k_accuracy": Quantity(
        "Accuracy kept by the top 4 dimensions",
        "fraction",
        0,
        1,
        "higher",
        "Test accuracy of the probe when all but its 4 heaviest dimensions are held at their mean; "
        "sampled code." + _PADDED,
    ),
    "dimensions_for_90": Quantity(
        "Dimensions for 90 % of the accuracy",
        "dimensions",
        1,
        inf,
        "lower",
        "From how many of its heaviest dimensions on the probe keeps 90 % of its accuracy above "
        "chance on test clips, the others held at their mean; all of them where the probe does not "
        "beat chance; sampled code." + _PADDED,
    ),
    "dimensions_for_90_random_order": Quantity(
        "Dimensions for 90 % of the accuracy, random order",
        "dimensions",
        1,
        inf,
        "neither",
        "The same when dimensions are added in a random order; mean over orders.",
    ),
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
        "Error that remains when the K dimensions in which two test words differ most are taken "
        "from the other word, decoded, as a fraction of the error when none is; the target says K.",
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
