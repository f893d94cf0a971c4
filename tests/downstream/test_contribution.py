"""Contribution scores: closed forms, the plain way as a check, and how much is decoded."""

from itertools import permutations

import numpy as np
import pytest
import torch
from torch.nn import functional

from sim_study.config.geometry import layer_frames
from sim_study.config.model import ModelConfig
from sim_study.downstream.decoders.contribution import (
    Contribution,
    contribution,
    dimension_counts,
    drawn_shifts,
)
from sim_study.downstream.decoders.decoder import Decoder, build_decoder

SAMPLES, LAYERS = 1_600, 5


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    return build_decoder(ModelConfig(channels=8), LAYERS, SAMPLES, seed=0).double().eval()


def latents(clips: int, seed: int = 0) -> torch.Tensor:
    frames = layer_frames(ModelConfig(), SAMPLES)[LAYERS - 1]
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(clips, frames, 8, generator=generator, dtype=torch.float64)


def plain(decoder: Decoder, z: torch.Tensor, count: int) -> float:
    """Take one ordered pair after the other, and decode all there is to decode."""
    found = []
    with torch.no_grad():
        for first, second in permutations(z, 2):
            apart = (first.mean(dim=0) - second.mean(dim=0)).square()
            mixture = first.clone()
            for channel in apart.argsort(descending=True)[:count]:
                mixture[:, channel] = second[:, channel]
            decoded = [decoder(one.T[None]) for one in (mixture, second)]
            found.append(functional.mse_loss(*decoded).item())
    return float(np.mean(found))


@pytest.mark.parametrize("batch_size", [1, 7, 1000])
def test_every_pair_as_the_plain_way_takes_it(decoder, batch_size):
    z = latents(5)
    found = contribution(decoder, z, (0, 1, 3, 8), range(1, 5), batch_size=batch_size)
    np.testing.assert_allclose(found.mse, [plain(decoder, z, k) for k in (0, 1, 3, 8)], rtol=1e-12)
    assert found.largest == pytest.approx(found.mse[0], rel=1e-12)  # nothing replaced
    assert found.mse[-1] == 0 == found.standard_error.max()
    assert (found.pairs, found.all_pairs) == (20, 20)


def test_no_latent_sequence_is_decoded_twice(decoder, monkeypatch):
    seen = []
    forward = Decoder.forward
    monkeypatch.setattr(
        Decoder, "forward", lambda self, z: seen.extend(z.clone()) or forward(self, z)
    )
    found = contribution(decoder, latents(6), (2, 4, 8), range(1, 6), batch_size=5)
    assert len(seen) == found.decoded == 6 + 2 * 30  # the clips; two mixtures a pair, none for 8
    assert len(torch.unique(torch.stack(seen), dim=0)) == len(seen)


def test_one_dimension_that_differs_is_all_it_takes(decoder):
    z = latents(4)
    z[:, :, 1:] = z[0, :, 1:]
    found = contribution(decoder, z, (1, 2, 8), range(1, 4))
    np.testing.assert_allclose(found.score, 0, atol=1e-12)
    assert found.share_below(0.5) == pytest.approx(0.5 / 8)  # half of the way from none to one


def test_shifts_drawn_are_all_pairs_once_or_a_sample_where_each_clip_counts_alike():
    assert drawn_shifts(5, 4, seed=0) == drawn_shifts(5, 99, seed=1) == (1, 2, 3, 4)
    drawn = drawn_shifts(50, 7, seed=0)
    assert len(set(drawn)) == 7
    assert set(drawn) <= set(range(1, 50))
    assert drawn == drawn_shifts(50, 7, seed=0) != drawn_shifts(50, 7, seed=1)


def test_a_sample_is_unbiased_and_knows_its_error(decoder):
    """Over every possible draw of two shifts the mean is exact, and so is the variance."""
    z = latents(6)
    exact = contribution(decoder, z, (1, 4), range(1, 6))
    draws = [contribution(decoder, z, (1, 4), (a, b)) for a in range(1, 6) for b in range(a + 1, 6)]
    means = np.stack([draw.mse for draw in draws])
    np.testing.assert_allclose(means.mean(axis=0), exact.mse, rtol=1e-12)
    variances = np.stack([draw.standard_error**2 for draw in draws])
    np.testing.assert_allclose(variances.mean(axis=0), means.var(axis=0), rtol=1e-9)
    assert all(draw.largest == exact.largest for draw in draws)  # that needs no pairs


def test_the_share_of_dimensions_is_read_between_the_counts():
    curve = np.array([0.8, 0.4, 0.0])
    found = Contribution(np.array([2, 4, 8]), 3 * curve, 0 * curve, 3.0, 1.0, 0, 0, 0)
    assert found.share_below(0.5) == pytest.approx((2 + 2 * 0.75) / 8)
    assert found.share_below(0.1) == pytest.approx((4 + 4 * 0.75) / 8)
    assert found.share_below(0.9) == pytest.approx(1 / 8)


@pytest.mark.parametrize(
    ("channels", "counts"), [(2, (2,)), (6, (2, 4, 6)), (8, (2, 4, 8)), (1, (1,))]
)
def test_counts_double_up_to_the_channels(channels, counts):
    assert dimension_counts(channels) == counts


def test_the_papers_counts():
    assert len(dimension_counts(512)) == 9
