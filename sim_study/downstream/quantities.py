"""What frozen encoders, linear probes and decoders report."""

from __future__ import annotations

from math import inf

from sim_study.naming.quantity import PADDED, Headline, Quantity
from sim_study.naming.targets import TARGETS

QUANTITIES: dict[str, Quantity] = {
    # codes
    "kl_nats_mean_path": Quantity(
        "KL per frame, means handed on",
        "nats a frame",
        "The same KL of the finished encoder when each module sees the posterior mean of the one "
        "below, which it was not trained on." + PADDED,
        family="rate",
        headline=Headline("rate"),
    ),
    "active_units": Quantity(
        "Active units",
        "dimensions",
        "Dimensions of SIM whose posterior mean varies by more than 0.01 (variance); the threshold "
        "is a share of the prior's variance of 1, so other methods have none." + PADDED,
        family="rate",
        headline=Headline("rate"),
    ),
    # probes
    "online": Quantity(
        "Online probe accuracy",
        "fraction",
        "A linear probe on the frozen latents' means, scored on held-out training words.",
        better="higher",
        family=None,
    ),
    "accuracy": Quantity(
        "Accuracy, mean code",
        "fraction",
        "Test accuracy of logistic regression, fitted until it has converged, on the latents' "
        "means, pooled as the study says; its penalty is chosen by cross-validation inside the "
        "training split.",
        better="higher",
        family="accuracy",
        headline=Headline("probe accuracy", TARGETS),
    ),
    "accuracy_train": Quantity(
        "Accuracy, mean code, training split",
        "fraction",
        "The converged probe scored on what it was fitted to.",
        family=None,
    ),
    "accuracy_penalty": Quantity(
        "Penalty of the probe",
        "nats",
        "Weight of the converged probe's squared weights against its mean log-loss, as chosen.",
        family=None,
    ),
    "accuracy_gradient": Quantity(
        "Gradient that the probe ends at",
        "nats",
        "Largest derivative of what the converged probe minimises, by a weight on standardised "
        "codes: 0 at the minimum.",
        family=None,
    ),
    "accuracy_sampled": Quantity(
        "Accuracy, sampled code",
        "fraction",
        "Test accuracy of the converged probe without bias on one sample of the latents, averaged "
        "over frames: what SIM hands on. GIM's latents have no spread, so a sample is their mean."
        + PADDED,
        better="higher",
        family="accuracy",
        headline=Headline("probe accuracy", TARGETS),
    ),
    "accuracy_sampled_train": Quantity(
        "Accuracy, sampled code, training split",
        "fraction",
        "The converged probe on the sampled code scored on what it was fitted to.",
        family=None,
    ),
    "accuracy_sampled_penalty": Quantity(
        "Penalty of the probe, sampled code",
        "nats",
        "Weight of the squared weights against the mean log-loss, as chosen, on the sampled code.",
        family=None,
    ),
    "accuracy_sampled_gradient": Quantity(
        "Gradient that the probe ends at, sampled code",
        "nats",
        "Largest derivative of what the converged probe minimises, on the sampled code.",
        family=None,
    ),
    "accuracy_balanced": Quantity(
        "Balanced accuracy",
        "fraction",
        "Test accuracy of the converged probe for each class by itself, mean over the classes that "
        "occur, so that silence does not outweigh speech; naming one class always scores "
        "1 / classes.",
        better="higher",
        family="accuracy",
        headline=Headline("balanced accuracy", ("phone",)),
    ),
    "probe_accuracy": Quantity(
        "Probe accuracy, mean code",
        "fraction",
        "Test accuracy of the paper's probe, a fixed number of steps of Adam, with bias, on the "
        "latents' means, averaged over frames." + PADDED,
        better="higher",
        family="accuracy",
        headline=Headline("probe accuracy", TARGETS),
    ),
    "probe_accuracy_train": Quantity(
        "Probe accuracy, mean code, training split",
        "fraction",
        "The accuracy protocol scored on the clips it was fitted to.",
        family=None,
    ),
    "probe_accuracy_learning_rate": Quantity(
        "Learning rate of the probe, mean code",
        "",
        "Adam's step size that read most of held-out training words or utterances.",
        family=None,
    ),
    "probe_interpretability": Quantity(
        "Probe accuracy, sampled code",
        "fraction",
        "Test accuracy of the paper's probe without bias on one sample of the latents, averaged "
        "over frames: what SIM hands on. GIM's latents have no spread, so a sample is their mean."
        + PADDED,
        better="higher",
        family="accuracy",
        headline=Headline("probe accuracy", TARGETS),
    ),
    "probe_interpretability_train": Quantity(
        "Probe accuracy, sampled code, training split",
        "fraction",
        "The interpretability protocol scored on the clips it was fitted to.",
        family=None,
    ),
    "probe_interpretability_learning_rate": Quantity(
        "Learning rate of the probe, sampled code",
        "",
        "Adam's step size that read most of held-out training words or utterances.",
        family=None,
    ),
    "balanced_accuracy": Quantity(
        "Balanced probe accuracy, mean code",
        "fraction",
        "Test accuracy of the paper's probe for each class by itself, mean over the classes that "
        "occur, so that silence does not outweigh speech; naming one class always scores "
        "1 / classes.",
        better="higher",
        family="accuracy",
        headline=Headline("balanced accuracy", ("phone",)),
    ),
    "chance": Quantity(
        "Chance",
        "fraction",
        "Test accuracy of always naming the most frequent class.",
        family=None,
    ),
    # decoders
    "decoder_mse": Quantity(
        "Decoder MSE",
        "squared amplitude",
        "Mean squared difference of decoded and original samples, full scale 1, test split.",
        better="lower",
        family="reconstruction",
    ),
    "decoder_loss": Quantity(
        "Decoder loss",
        "",
        "The loss that the decoder was trained with, on the whole test split.",
        better="lower",
        family="reconstruction",
    ),
    "decoder_loss_train": Quantity(
        "Decoder loss, training split",
        "",
        "The same loss over the training words of an epoch, while it learns.",
        better="lower",
        family=None,
    ),
    "decoder_loss_silence": Quantity(
        "Loss of silence",
        "",
        "The decoder loss that decoding to silence would have, test split.",
        family=None,
    ),
    "decoder_mse_silence": Quantity(
        "MSE of silence",
        "squared amplitude",
        "The MSE that decoding to silence would have, test split; a decoder whose loss leaves "
        "phases free, as mel and spectral ones do, may exceed it and still be heard to speak.",
        family=None,
    ),
    "contribution": Quantity(
        "Contribution score",
        "fraction",
        "Error that remains when the K dimensions in which two test clips differ most are taken "
        "from the other clip, decoded, as a fraction of the error when none is; the target says K.",
        better="lower",
        family=None,
        limit=inf,
    ),
    "contribution_half": Quantity(
        "Dimensions for half of the decoded difference",
        "fraction",
        "Share of the dimensions, most differing first, that must be taken from another test word "
        "for the contribution score to fall to 0.5.",
        better="lower",
        family="contribution",
    ),
    "contribution_tenth": Quantity(
        "Dimensions for nine tenths of the decoded difference",
        "fraction",
        "Share of the dimensions, most differing first, that must be taken from another test word "
        "for the contribution score to fall to 0.1.",
        better="lower",
        family="contribution",
    ),
    "contribution_max": Quantity(
        "Decoded difference between words",
        "squared amplitude",
        "Mean squared difference between two decoded test words, over all pairs: what the "
        "contribution score is a fraction of.",
        family=None,
    ),
    "robustness_gain": Quantity(
        "Accuracy on louder and quieter clips",
        "fraction",
        "Test accuracy of the probe of clean clips on clips made 12 or 6 dB quieter or louder, "
        "unless told otherwise; the mean over these levels, clean clips not among them.",
        better="higher",
        family="accuracy",
    ),
    "robustness_white": Quantity(
        "Accuracy on clips in white noise",
        "fraction",
        "Test accuracy of the probe of clean clips on clips mixed with white noise at "
        "signal-to-noise ratios of 20, 10, 5 and 0 dB, unless told otherwise; the mean over these "
        "levels, clean clips not among them.",
        better="higher",
        family="accuracy",
    ),
    "robustness_babble": Quantity(
        "Accuracy on clips among voices",
        "fraction",
        "Test accuracy of the probe of clean clips on clips mixed with many voices at once, at "
        "signal-to-noise ratios of 20, 10, 5 and 0 dB, unless told otherwise; the mean over "
        "these levels, clean clips not among them.",
        better="higher",
        family="accuracy",
    ),
}
