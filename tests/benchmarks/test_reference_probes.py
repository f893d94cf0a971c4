"""The other side of a comparison must do the same work, or its time means nothing."""

import numpy as np
import pytest
import torch

from benchmarks.reference_probes import reference_probes
from sim_study.config.model import ModelConfig
from sim_study.config.probe import ProbeConfig
from sim_study.config.train import ObjectiveConfig, OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig
from sim_study.data.clips import Clips
from sim_study.downstream.codes.features import pooled_features
from sim_study.model.encoder import build_encoder


@pytest.fixture
def clips() -> Clips:
    random = np.random.default_rng(0)
    return Clips(
        ids=[str(clip) for clip in range(10)],
        samples=random.integers(-9000, 9000, (10, 1600), dtype=np.int16),
        labels={"vowel": np.arange(10) % 3, "syllable": np.arange(10) % 9},
        classes={"vowel": ("a", "i", "u"), "syllable": tuple("abcdefghi")},
        values={},
        groups=np.arange(10),
    )


def test_the_reference_reads_the_features_that_we_read(clips):
    config = EncoderConfig(
        method="sim",
        model=ModelConfig(channels=4, context_channels=3),
        objective=ObjectiveConfig(),
        train=TrainConfig(),
        online_probe=OnlineProbeConfig(),
    )
    encoder = build_encoder(config, seed=0)
    pooled = pooled_features(encoder, clips.samples, seed=None)
    probes = list(reference_probes(encoder, clips, ProbeConfig(batch_size=4)))
    assert len(probes) == 16
    for probe in probes:
        found = probe._features(clips, np.arange(10)).numpy()
        if probe.sampled:
            assert not np.array_equal(found, pooled[probe.layer])
        else:
            np.testing.assert_allclose(found, pooled[probe.layer], rtol=1e-5, atol=1e-7)
        before = probe.linear.weight.clone()
        probe.epoch(clips)
        assert not torch.equal(before, probe.linear.weight)
        assert 0 <= probe.score(clips) <= 1
