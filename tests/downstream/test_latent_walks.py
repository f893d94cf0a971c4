import pytest
import torch

from sim_study.downstream.decoders.latent_walks import (
    drawn,
    interpolated,
    latent_statistics,
    matched,
    traversed,
)


def test_statistics_of_known_latents():
    """Dimension 0 varies between clips, 1 within a clip only, 2 not at all."""
    latents = torch.zeros(4, 2, 3)
    latents[:, :, 0] = torch.tensor([1.0, 3.0, 5.0, 7.0])[:, None]
    latents[:, 0, 1], latents[:, 1, 1] = 10, -10
    latents[:, :, 2] = 2
    found = latent_statistics(latents)
    assert found.mean.tolist() == [4, 0, 2]
    assert found.deviation.tolist() == pytest.approx([5**0.5, 10, 0])
    assert found.between_clips.tolist() == [5, 0, 0]
    assert found.leading(2) == [0, 1]
    assert found.leading(9) == [0, 1, 2]


def test_draws_are_standard_and_can_be_brought_to_other_scales():
    generator = torch.Generator().manual_seed(0)
    latents = torch.tensor([1.0, -2.0]) + torch.tensor([0.1, 3.0]) * torch.randn(
        200, 50, 2, generator=generator
    )
    draws = drawn(200, 50, 2, generator)
    own, scaled = (
        latent_statistics(draws),
        latent_statistics(matched(draws, latent_statistics(latents))),
    )
    assert own.mean.tolist() == pytest.approx([0, 0], abs=0.03)
    assert own.deviation.tolist() == pytest.approx([1, 1], abs=0.03)
    assert scaled.mean.tolist() == pytest.approx([1, -2], abs=0.1)
    assert scaled.deviation.tolist() == pytest.approx([0.1, 3], rel=0.03)


def test_an_interpolation_is_straight_and_has_its_ends():
    first, second = torch.zeros(3, 2), torch.full((3, 2), 8.0)
    found = interpolated(first, second, (0, 0.25, 1))
    assert found.shape == (3, 3, 2)
    assert found[:, 0, 0].tolist() == [0, 2, 8]
    assert torch.equal(found[0], first)
    assert torch.equal(found[2], second)


def test_a_traversal_moves_one_dimension_in_every_frame():
    latents = torch.arange(6.0).view(3, 2)
    found = traversed(latents, 1, deviation=2.0, amounts=(-3, 0, 1))
    assert torch.equal(found[1], latents)
    assert torch.equal(found[:, :, 0], latents[:, 0].expand(3, 3))
    assert (found[:, :, 1] - latents[:, 1]).tolist() == [[-6] * 3, [0] * 3, [2] * 3]
