from __future__ import annotations

import numpy as np
import pytest
import torch

from sim_study.data.audio import (
    FULL_SCALE,
    RATE_HZ,
    centred,
    first_samples,
    resample,
    to_float,
    to_int16,
)


def test_full_scale_maps_to_one_and_back_without_loss() -> None:
    samples = np.array([[-32768, -1, 0, 1, 32767]], np.int16)
    sound = to_float(samples)
    assert sound.dtype == torch.float32
    assert sound.tolist() == [[-1.0, -1 / 32768, 0.0, 1 / 32768, 32767 / 32768]]
    np.testing.assert_array_equal(to_int16(sound.numpy()), samples)


def test_louder_than_full_scale_is_clipped_not_wrapped() -> None:
    assert to_int16(np.array([1.5, -1.5])).tolist() == [FULL_SCALE - 1, -FULL_SCALE]


@pytest.mark.parametrize("from_hz", [44_100, 22_050])
def test_a_sine_keeps_its_frequency_and_level(from_hz: int) -> None:
    sine = np.sin(2 * np.pi * 440 * np.arange(from_hz) / from_hz)
    (resampled,) = resample([sine], from_hz)
    expected = np.sin(2 * np.pi * 440 * np.arange(RATE_HZ) / RATE_HZ)
    assert len(resampled) == RATE_HZ
    middle = slice(1000, -1000)  # the ends fade into the silence around them
    np.testing.assert_allclose(resampled[middle], expected[middle], atol=1e-2)


def test_a_sound_comes_out_the_same_alone_and_beside_longer_ones() -> None:
    rng = np.random.default_rng(0)
    short, long = rng.normal(size=500), rng.normal(size=3000)
    alone, beside = resample([short], 22_050)[0], resample([long, short], 22_050)[1]
    np.testing.assert_allclose(beside, alone, rtol=0, atol=1e-12)


def test_fitting_to_a_length() -> None:
    sound = np.array([1, 2, 3], np.int16)
    assert first_samples(sound, 2).tolist() == [1, 2]
    assert first_samples(sound, 5).tolist() == [1, 2, 3, 0, 0]
    assert centred(sound, 8).tolist() == [0, 0, 1, 2, 3, 0, 0, 0]
    assert centred(sound, 2).tolist() == [1, 2]
