import numpy as np
import pytest

from sim_study.config.train import OnlineProbeConfig
from sim_study.downstream.online_probe import OnlineProbe, readout_accuracy


def test_readout_is_perfect_whatever_the_scale_and_offset():
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, 300)
    features = np.eye(3)[labels] + 0.05 * random.standard_normal((300, 3))
    shifted = (1e-6 * features + 1e-5).astype(np.float32)
    constant = np.concatenate([shifted, np.full((300, 1), 7.7, np.float32)], axis=1)
    assert readout_accuracy(constant[:200], labels[:200], constant[200:], labels[200:]) == 1.0


def test_readout_of_noise_is_chance():
    random = np.random.default_rng(0)
    features, labels = random.standard_normal((900, 4)), random.integers(0, 3, 900)
    score = readout_accuracy(features[:600], labels[:600], features[600:], labels[600:])
    assert score == pytest.approx(1 / 3, abs=0.1)


def test_tones_are_told_apart_in_every_layer(encoder, tones):
    model = encoder("sim")
    probe = OnlineProbe(tones(90), OnlineProbeConfig(validation_fraction=0.3))
    scores = probe(model)
    layers = ["module_0", "module_1", "module_2", "context"]
    assert list(scores) == [f"online/vowel/{name}" for name in [*layers, "mean"]]
    assert scores["online/vowel/module_0"] == 1.0
    mean = np.mean([scores[f"online/vowel/{layer}"] for layer in layers])
    assert scores["online/vowel/mean"] == pytest.approx(mean)
    assert scores == probe(model)


def test_each_clip_is_encoded_once_a_call(encoder, tones, encoded):
    OnlineProbe(tones(60), OnlineProbeConfig())(encoder("sim"))
    assert sum(encoded) == 60
