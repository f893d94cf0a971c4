"""What frozen encoders, linear probes and decoders report."""

from __future__ import annotations

from sim_study.naming.quantity import PADDED, TARGETS, Headline, Quantity

CODES: dict[str, Quantity] = {
    "kl_nats_mean_path": Quantity(
        "KL per frame, means handed on",
        "nats a frame",
        "neither",
        "The same KL of the finished encoder when each module sees the posterior mean of the one "
        "below, which it was not trained on." + PADDED,
        family="rate",
        headline=Headline("rate"),
    ),
    "active_units": Quantity(
        "Active units",
        "dimensions",
        "neither",
        "Dimensions of SIM whose posterior mean varies by more than 0.01 (variance); the threshold "
        "is a share of the prior's variance of 1, so other methods have none." + PADDED,
        family="rate",
        headline=Headline("rate"),
    ),
}

PROBES: dict[str, Quantity] = {
    "online": Quantity(
        "Online probe accuracy",
        "fraction",
        "higher",
        "A cheap linear probe on frozen mean features, scored on held-out training words." + PADDED,
        family=None,
        high=1,
    ),
    "probe_accuracy": Quantity(
        "Probe accuracy, mean code",
        "fraction",
        "higher",
        "Test accuracy of a linear probe with bias on the latents' means, averaged over frames."
        + PADDED,
        family="accuracy",
        high=1,
        headline=Headline("probe accuracy", TARGETS),
    ),
    "probe_accuracy_train": Quantity(
        "Probe accuracy, mean code, training split",
        "fraction",
        "neither",
        "The accuracy protocol scored on the clips it was fitted to.",
        family=None,
        high=1,
    ),
    "probe_accuracy_learning_rate": Quantity(
        "Learning rate of the probe, mean code",
        "",
        "neither",
        "Adam's step size that read most of held-out training words or utterances.",
        family=None,
    ),
    "probe_interpretability": Quantity(
        "Probe accuracy, sampled code",
        "fraction",
        "higher",
        "Test accuracy of a linear probe without bias on one sample of the latents, averaged over "
        "frames: what SIM hands on. GIM's latents have no spread, so a sample is their mean."
        + PADDED,
        family="accuracy",
        high=1,
        headline=Headline("probe accuracy", TARGETS),
    ),
    "probe_interpretability_train": Quantity(
        "Probe accuracy, sampled code, training split",
        "fraction",
        "neither",
        "The interpretability protocol scored on the clips it was fitted to.",
        family=None,
        high=1,
    ),
    "probe_interpretability_learning_rate": Quantity(
        "Learning rate of the probe, sampled code",
        "",
        "neither",
        "Adam's step size that read most of held-out training words or utterances.",
        family=None,
    ),
    "balanced_accuracy": Quantity(
        "Balanced probe accuracy, mean code",
        "fraction",
        "higher",
        "Test accuracy of each class by itself, mean over the classes that occur, so that silence "
        "does not outweigh speech; naming one class always scores 1 / classes.",
        family="accuracy",
        high=1,
        headline=Headline("balanced accuracy", ("phone",)),
    ),
    "chance": Quantity(
        "Chance",
        "fraction",
        "neither",
        "Test accuracy of always naming the most frequent class.",
        family=None,
        high=1,
    ),
}

DECODERS: dict[str, Quantity] = {
    "decoder_mse": Quantity(
        "Decoder MSE",
        "squared amplitude",
        "lower",
        "Mean squared difference of decoded and original samples, full scale 1, test split.",
        family="reconstruction",
    ),
    "decoder_loss": Quantity(
        "Decoder loss",
        "",
        "lower",
        "The loss that the decoder was trained with, on the whole test split.",
        family="reconstruction",
    ),
    "decoder_loss_train": Quantity(
        "Decoder loss, training split",
        "",
        "lower",
        "The same loss over the training words of an epoch, while it learns.",
        family=None,
    ),
    "decoder_loss_silence": Quantity(
        "Loss of silence",
        "",
        "neither",
        "The decoder loss that decoding to silence would have, test split.",
        family=None,
    ),
    "decoder_mse_silence": Quantity(
        "MSE of silence",
        "squared amplitude",
        "neither",
        "The MSE that decoding to silence would have, test split; a decoder whose loss leaves "
        "phases free, as mel and spectral ones do, may exceed it and still be heard to speak.",
        family=None,
    ),
    "contribution": Quantity(
        "Contribution score",
        "fraction",
        "lower",
        "Error that remains when the K dimensions in which two test clips differ most are taken "
        "from the other clip, decoded, as a fraction of the error when none is; the target says K.",
        family=None,
    ),
    "contribution_half": Quantity(
        "Dimensions for half of the decoded difference",
        "fraction",
        "lower",
        "Share of the dimensions, most differing first, that must be taken from another test word "
        "for the contribution score to fall to 0.5.",
        family="contribution",
        high=1,
    ),
    "contribution_tenth": Quantity(
        "Dimensions for nine tenths of the decoded difference",
        "fraction",
        "lower",
        "Share of the dimensions, most differing first, that must be taken from another test word "
        "for the contribution score to fall to 0.1.",
        family="contribution",
        high=1,
    ),
    "contribution_max": Quantity(
        "Decoded difference between words",
        "squared amplitude",
        "neither",
        "Mean squared difference between two decoded test words, over all pairs: what the "
        "contribution score is a fraction of.",
        family=None,
    ),
}

QUANTITIES: dict[str, Quantity] = {**CODES, **PROBES, **DECODERS}
