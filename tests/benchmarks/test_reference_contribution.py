"""The other side of the comparison measures the same score, or its time means nothing."""

from itertools import permutations

import pytest
import torch

from benchmarks.contribution import operations
from benchmarks.reference_contribution import pair_by_pair, plain_decoder
from sim_study.config.model import ModelConfig
from sim_study.downstream.decoders.contribution import contribution
from sim_study.downstream.decoders.decoder import build_decoder

MODEL, LAYERS, SAMPLES = ModelConfig(channels=6), 5, 1_600


def test_pair_by_pair_is_the_score_that_we_measure():
    ours, theirs = (
        build(MODEL, LAYERS, SAMPLES, 0).double() for build in (build_decoder, plain_decoder)
    )
    generator = torch.Generator().manual_seed(0)
    latents = torch.randn(4, 10, 6, generator=generator, dtype=torch.float64)
    pairs = list(permutations(range(4), 2))
    largest, errors = pair_by_pair(theirs, latents.transpose(1, 2), (2, 4, 6), pairs)
    found = contribution(ours, latents, (2, 4, 6), range(1, 4))
    assert found.largest == pytest.approx(largest.item(), rel=1e-12)
    assert found.mse == pytest.approx(errors.numpy(), rel=1e-12, abs=1e-30)


def test_operations_of_the_papers_decoder():
    """By hand: frames in, taps, both widths, and two for a multiplication and an addition."""
    by_hand = 2 * 512 * (512 * (64 * 4 + 129 * 4 + 256 * 4 + 511 * 8) + 2047 * 10)
    assert operations(ModelConfig(channels=512), 5) == by_hand
