"""Mel power spectra, in whatever precision the audio has."""

from __future__ import annotations

from functools import cache

import torch

from sim_study.data.audio import RATE_HZ

MEL_WINDOW_SAMPLES = 4096


def stft_power(audio: torch.Tensor, window_samples: int, hop_samples: int) -> torch.Tensor:
    """Return the squared magnitudes of a short-time Fourier transform.

    Frames are centred on multiples of the hop, the audio is continued by reflection, and the
    window is a periodic Hann window.

    Args:
        audio: (batch, 1, sample), amplitude in [-1, 1].
        window_samples: Length of the window and of the transform, in samples.
        hop_samples: Distance between two frames, in samples.

    Returns:
        (batch, bin, frame), window_samples / 2 + 1 bins.
    """
    window = torch.hann_window(window_samples, dtype=audio.dtype, device=audio.device)
    spectrum = torch.stft(
        audio.squeeze(1),
        window_samples,
        hop_length=hop_samples,
        window=window,
        center=True,
        pad_mode="reflect",
        return_complex=True,
    )  # (B, F, L)
    return spectrum.real.square() + spectrum.imag.square()


def mel_power(
    audio: torch.Tensor,
    window_samples: int = MEL_WINDOW_SAMPLES,
    hop_samples: int = 2048,
    bands: int = 128,
) -> torch.Tensor:
    """Return the power in each mel band.

    Args:
        audio: (batch, 1, sample) at 16 kHz, amplitude in [-1, 1].
        window_samples: Length of the window and of the transform, in samples.
        hop_samples: Distance between two frames, in samples.
        bands: Number of mel bands.

    Returns:
        (batch, band, frame), power divided by the band's width in hertz.
    """
    bank = mel_filterbank(window_samples // 2 + 1, bands).to(audio.device, audio.dtype)
    power = stft_power(audio, window_samples, hop_samples).transpose(1, 2)  # (B, L, F)
    # In this order it is one product for all clips: 2 ms instead of 44 ms for a batch of 64.
    return (power @ bank).transpose(1, 2)  # (B, M, L)


@cache
def mel_filterbank(bins: int, bands: int) -> torch.Tensor:
    """Return triangular filters spaced evenly on the HTK mel scale, each of area one.

    Args:
        bins: Number of frequency bins from 0 Hz to half of the 16 kHz rate.
        bands: Number of filters.

    Returns:
        (bin, band) float64, in 1 / Hz. Computed in float64 whatever the audio's precision:
        a bank built in float32 is off by 1e-7.

    Source:
        HTK scale: mel = 2595 log10(1 + f / 700); area normalisation: Slaney's Auditory Toolbox.
    """
    nyquist_hz = RATE_HZ / 2
    frequencies = torch.linspace(0, nyquist_hz, bins, dtype=torch.float64)
    highest_mel = 2595 * torch.log10(torch.tensor(1 + nyquist_hz / 700, dtype=torch.float64))
    mels = torch.linspace(0, float(highest_mel), bands + 2, dtype=torch.float64)
    corners = 700 * (
        10 ** (mels / 2595) - 1
    )  # Hz: filter m rises from m, peaks at m+1, ends at m+2
    offsets = corners - frequencies[:, None]  # (F, M + 2)
    widths = corners.diff()
    rising = -offsets[:, :-2] / widths[:-1]
    falling = offsets[:, 2:] / widths[1:]
    triangles = torch.minimum(rising, falling).clamp(min=0)  # (F, M)
    return triangles * 2 / (corners[2:] - corners[:-2])
