import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from sim_study.objective.gaussian_kl import kl_nats_per_frame, reduce_kl


@pytest.fixture
def posterior():
    generator = torch.Generator().manual_seed(0)
    mu, log_var = torch.randn(2, 3, 5, 4, generator=generator, dtype=torch.float64)
    return mu, log_var


def test_the_standard_normal_is_at_distance_zero():
    zeros = torch.zeros(2, 5, 4)
    assert kl_nats_per_frame(zeros, zeros).abs().max() == 0


def test_a_shifted_and_scaled_normal_has_the_closed_form():
    mu, log_var = torch.full((1, 1, 1), 3.0), torch.full((1, 1, 1), math.log(4.0))
    expected = 0.5 * (4 + 9 - 1 - math.log(4))
    assert kl_nats_per_frame(mu, log_var).item() == pytest.approx(expected)


def test_it_agrees_with_the_library(posterior):
    mu, log_var = posterior
    library = kl_divergence(Normal(mu, torch.exp(log_var / 2)), Normal(0.0, 1.0)).sum(2)
    torch.testing.assert_close(kl_nats_per_frame(mu, log_var), library)


def test_the_two_reductions_differ_by_frames_over_channels(posterior):
    nats = kl_nats_per_frame(*posterior)  # 3 clips of 5 frames, 4 channels wide
    frame_sum, channel_sum = (reduce_kl(nats, 4, name) for name in ("frame_sum", "channel_sum"))
    torch.testing.assert_close(frame_sum, channel_sum * 5 / 4)
    torch.testing.assert_close(channel_sum, nats.mean())


def test_the_gradients_are_those_of_the_library(posterior):
    ours, library = [], []
    for found, kl in (
        (ours, lambda m, v: kl_nats_per_frame(m, v)),
        (library, lambda m, v: kl_divergence(Normal(m, torch.exp(v / 2)), Normal(0.0, 1.0)).sum(2)),
    ):
        leaves = [value.clone().requires_grad_() for value in posterior]
        found += torch.autograd.grad(kl(*leaves).square().sum(), leaves)
    for a, b in zip(ours, library, strict=True):
        torch.testing.assert_close(a, b)


def test_low_precision_inputs_are_summed_in_float32(posterior):
    low = [value.bfloat16() for value in posterior]
    nats = kl_nats_per_frame(*low)
    assert nats.dtype == torch.float32
    torch.testing.assert_close(nats, kl_nats_per_frame(*(value.float() for value in low)))
