"""How far a reconstructed waveform is from the original."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn import functional

from sim_study.config.decoder import DecoderLoss
from sim_study.downstream.decoders.mel import MEL_WINDOW_SAMPLES, mel_power, stft_power

SPECTRAL_WINDOW_SAMPLES = 1024
SPECTRAL_HOP_SAMPLES = 256
MEL_FLOOR = 1e-10
"""Power below which a mel band counts as silent (-100 dB)."""

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""Compares a target, amplitude in [-1, 1], and a prediction, each (batch, 1, sample) at 16 kHz."""


def mse(target: torch.Tensor, prediction: torch.Tensor) -> torch.Tensor:
    """Mean squared error of the waveform.

    Returns:
        Scalar, mean over batch and samples, in squared amplitude.
    """
    return functional.mse_loss(prediction, target)


def spectral(target: torch.Tensor, prediction: torch.Tensor) -> torch.Tensor:
    """Mean squared error of short-time power spectra (1024 samples, hop 256).

    Returns:
        Scalar, mean over batch, bins and frames, in squared power.
    """
    original = stft_power(target, SPECTRAL_WINDOW_SAMPLES, SPECTRAL_HOP_SAMPLES)  # (B, F, L)
    decoded = stft_power(prediction, SPECTRAL_WINDOW_SAMPLES, SPECTRAL_HOP_SAMPLES)
    return functional.mse_loss(decoded, original)


def fft(target: torch.Tensor, prediction: torch.Tensor) -> torch.Tensor:
    """Mean absolute difference of magnitude plus that of phase, over the whole clip's spectrum.

    Phases are compared as they come, in (-pi, pi], and not around the circle: a phase just
    below pi is far from one just above -pi, as in the reference.

    Returns:
        Scalar, mean over batch and the sample / 2 + 1 non-negative frequencies; magnitude and
        radians are added with equal weight.
    """
    window = torch.hann_window(target.shape[-1], dtype=target.dtype, device=target.device)
    original = torch.fft.rfft(target * window)  # (B, 1, F)
    decoded = torch.fft.rfft(prediction * window)  # (B, 1, F)
    return functional.l1_loss(decoded.abs(), original.abs()) + functional.l1_loss(
        decoded.angle(), original.angle()
    )


def mel(target: torch.Tensor, prediction: torch.Tensor) -> torch.Tensor:
    """Mean squared error of log mel spectra (4096 samples, hop 2048, 128 bands).

    Returns:
        Scalar, mean over batch, bands and frames, in squared decibels.
    """
    return functional.mse_loss(mel_decibels(prediction), mel_decibels(target))


def mel_decibels(audio: torch.Tensor) -> torch.Tensor:
    """Return log mel power (batch, 1, sample) -> (batch, band, frame), in decibels, from -100."""
    return 10 * torch.log10(mel_power(audio).clamp(min=MEL_FLOOR))


def _with_mse(other: Loss) -> Loss:
    return lambda target, prediction: mse(target, prediction) + other(target, prediction)


DECODER_LOSSES: dict[DecoderLoss, Loss] = {
    "mse": mse,
    "spectral": spectral,
    "mse_spectral": _with_mse(spectral),
    "fft": fft,
    "mse_fft": _with_mse(fft),
    "mel": mel,
    "mse_mel": _with_mse(mel),
}
"""Every loss by the name that `DecoderConfig.loss` gives it; called with (target, prediction)."""

FEWEST_SAMPLES: dict[DecoderLoss, int] = {
    "mse": 1,
    "spectral": SPECTRAL_WINDOW_SAMPLES // 2 + 1,
    "mse_spectral": SPECTRAL_WINDOW_SAMPLES // 2 + 1,
    "fft": 1,
    "mse_fft": 1,
    "mel": MEL_WINDOW_SAMPLES // 2 + 1,
    "mse_mel": MEL_WINDOW_SAMPLES // 2 + 1,
}
"""Shortest clip: half a window is continued by reflection at each end."""
