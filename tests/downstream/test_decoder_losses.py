import math
from typing import get_args

import numpy as np
import pytest
import torch
import torchaudio

from sim_study.config.decoder import DecoderLoss
from sim_study.downstream.decoders.losses import (
    DECODER_LOSSES,
    FEWEST_SAMPLES,
    fft,
    mel,
    mse,
    spectral,
)
from sim_study.downstream.decoders.mel import mel_filterbank, mel_power, stft_power

SAMPLES = 10_240
PRODUCTS = ("aten::mm", "aten::addmm", "aten::bmm")


def noise(seed: int, batch: int = 2) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 0.1 * torch.randn(batch, 1, SAMPLES, generator=generator, dtype=torch.float64)


def test_every_configured_loss_exists():
    assert set(DECODER_LOSSES) == set(get_args(DecoderLoss))


@pytest.mark.parametrize("name", DECODER_LOSSES)
def test_identity_is_best(name):
    target = noise(0)
    assert DECODER_LOSSES[name](target, target.clone()).item() == 0.0
    assert DECODER_LOSSES[name](target, noise(1)).item() > 0.0


@pytest.mark.parametrize("name", DECODER_LOSSES)
def test_gradients_are_finite_for_silence(name):
    prediction = torch.zeros(2, 1, SAMPLES, dtype=torch.float64, requires_grad=True)
    DECODER_LOSSES[name](noise(0), prediction).backward()
    assert prediction.grad is not None
    assert torch.isfinite(prediction.grad).all()


@pytest.mark.parametrize("name", DECODER_LOSSES)
def test_the_shortest_clip_has_a_loss_and_a_shorter_one_has_none(name):
    fewest = FEWEST_SAMPLES[name]
    assert math.isfinite(DECODER_LOSSES[name](noise(0)[..., :fewest], noise(1)[..., :fewest]))
    if fewest > 1:
        with pytest.raises(RuntimeError, match=r"[Pp]adding"):
            DECODER_LOSSES[name](noise(0)[..., : fewest - 1], noise(1)[..., : fewest - 1])


@pytest.mark.parametrize("other", ["spectral", "fft", "mel"])
def test_combined_losses_are_sums(other):
    target, prediction = noise(0), noise(1)
    expected = DECODER_LOSSES["mse"](target, prediction) + DECODER_LOSSES[other](target, prediction)
    assert DECODER_LOSSES[f"mse_{other}"](target, prediction).item() == pytest.approx(
        expected.item(), rel=1e-14
    )


def test_mse_of_silence_is_the_mean_power():
    target = torch.full((3, 1, SAMPLES), 0.5, dtype=torch.float64)
    assert mse(target, torch.zeros_like(target)).item() == 0.25


def test_spectral_loss_of_silence_against_a_direct_transform():
    target = noise(0)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1024) / 1024)
    padded = np.pad(target[:, 0].numpy(), ((0, 0), (512, 512)), mode="reflect")
    starts = range(0, SAMPLES + 1, 256)
    frames = np.stack([padded[:, start : start + 1024] * window for start in starts])
    power = np.abs(np.fft.rfft(frames)) ** 2
    assert spectral(target, torch.zeros_like(target)).item() == pytest.approx(
        (power**2).mean(), rel=1e-10
    )


@pytest.mark.parametrize("samples", [SAMPLES, 20_480, 8_821, 777])
def test_fft_loss_of_a_doubled_sound_is_its_mean_magnitude(samples):
    target = noise(0).repeat(1, 1, 2)[:, :, :samples]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(samples) / samples)
    magnitude = np.abs(np.fft.rfft(target.numpy() * window))
    assert fft(target, 2 * target).item() == pytest.approx(magnitude.mean(), rel=1e-10)


def test_fft_loss_of_a_sign_flip_is_pi():
    """Magnitudes agree; every phase moves by pi, whichever way around the circle."""
    target = noise(0)
    assert fft(target, -target).item() == pytest.approx(math.pi, rel=1e-3)


def test_mel_loss_of_a_doubled_sound_is_6_decibels_squared():
    target = noise(0)
    assert mel(target, 2 * target).item() == pytest.approx((20 * math.log10(2)) ** 2, rel=1e-9)


def test_mel_loss_has_a_floor_at_minus_100_decibels():
    nothing = torch.zeros(1, 1, SAMPLES, dtype=torch.float64)
    assert mel(nothing, nothing + 1e-9).item() == 0.0


def test_stft_power_of_a_sine_is_where_it_should_be():
    time = torch.arange(SAMPLES, dtype=torch.float64) / 16_000
    power = stft_power(torch.sin(2 * math.pi * 1000 * time)[None, None], 1024, 256)
    assert power.shape == (1, 513, 41)
    assert power[0, :, 20].argmax() == 64  # 1000 Hz / (16,000 Hz / 1024)
    assert power[0, 64, 20].item() == pytest.approx(256.0**2, rel=1e-6)  # (sum of window / 2)^2


def test_mel_power_is_torchaudios():
    audio = noise(0).float()
    theirs = torchaudio.transforms.MelSpectrogram(
        16_000, 4096, hop_length=2048, norm="slaney", mel_scale="htk"
    )(audio[:, 0])
    torch.testing.assert_close(mel_power(audio), theirs, rtol=1e-4, atol=1e-9)


def test_mel_filters_have_area_one_and_float64():
    bank = mel_filterbank(2**14 + 1, 40)
    hertz_per_bin = 8000 / 2**14
    assert bank.dtype == torch.float64
    torch.testing.assert_close(
        bank.sum(dim=0) * hertz_per_bin, torch.ones(40).double(), rtol=1e-3, atol=0
    )


def test_mel_bands_of_all_clips_are_one_product():
    """A product a clip, of 6 frames each, takes 20 times as long for a batch of 64."""
    with torch.profiler.profile() as trace:
        mel_power(noise(0, batch=8))
    products = [event.count for event in trace.key_averages() if event.key in PRODUCTS]
    assert sum(products) == 1
    assert "aten::bmm" not in {event.key for event in trace.key_averages()}
