import pytest
import torch

from sim_study.config.geometry import module_frames
from sim_study.config.model import ModelConfig
from sim_study.config.train import ObjectiveConfig, OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig
from sim_study.model.encoder import build_encoder


def configuration(method="sim", **model):
    return EncoderConfig(
        method=method,
        model=ModelConfig(**{"channels": 4, "context_channels": 3, **model}),
        objective=ObjectiveConfig(prediction_steps=2),
        train=TrainConfig(),
        online_probe=OnlineProbeConfig(),
    )


def streams(encoder, seed):
    return {layer: torch.Generator().manual_seed(seed) for layer in encoder.layer_names}


@pytest.fixture
def audio():
    return torch.rand(2, 1, 3200, generator=torch.Generator().manual_seed(0)) - 0.5


@pytest.mark.parametrize("modules", [1, 2, 3, 4, 5])
def test_latents_have_the_shapes_of_the_geometry(audio, modules):
    config = configuration(modules=modules)
    latents = build_encoder(config, 0).encode(audio)
    frames = module_frames(config.model, 3200)
    width = {layer: 3 if layer == "context" else 4 for layer in frames}
    assert {k: v.shape for k, v in latents.items()} == {
        layer: (2, frames[layer], width[layer]) for layer in frames
    }


def test_without_generators_latents_are_the_means(audio):
    encoder = build_encoder(configuration(), 0)
    latents, posteriors = encoder.encode(audio), encoder.posteriors(audio)
    for layer, (mu, _) in posteriors.items():
        assert torch.equal(latents[layer], mu)


def test_sampled_latents_follow_their_streams(audio):
    encoder = build_encoder(configuration(), 0)
    first, again, other = (encoder.encode(audio, streams(encoder, seed)) for seed in (1, 1, 2))
    for layer in encoder.layer_names:
        assert torch.equal(first[layer], again[layer])
        assert not torch.equal(first[layer], other[layer])


def test_gim_never_samples(audio):
    encoder = build_encoder(configuration("gim"), 0)
    sampled = encoder.encode(audio, streams(encoder, 1))
    assert all(torch.equal(sampled[k], v) for k, v in encoder.encode(audio).items())


def test_samples_have_the_posterior_mean_and_variance(audio):
    encoder = build_encoder(configuration(), 0)
    clips = audio[:1].expand(2000, -1, -1)
    latents = encoder.encode(clips, streams(encoder, 0))["module_0"]  # (2000, L, C)
    mu, log_var = (value[0] for value in encoder.posteriors(audio)["module_0"])
    standard = (latents - mu) / torch.exp(log_var / 2)
    assert abs(standard.mean()) < 0.01
    assert abs(standard.var() - 1) < 0.01


def test_modules_are_initialised_independently():
    few = build_encoder(configuration(split=(2, 2, 1)), 7)
    many = build_encoder(configuration(split=(2, 1, 1, 1)), 7)
    other_seed = build_encoder(configuration(split=(2, 2, 1)), 8)
    first, same, different = (
        encoder.module("module_0").state_dict() for encoder in (few, many, other_seed)
    )
    for name, value in first.items():
        assert torch.equal(value, same[name])
        assert not torch.equal(value, different[name])


def test_a_seed_gives_the_same_weights_in_both_precisions():
    single = build_encoder(configuration(), 3)
    double = build_encoder(configuration(), 3, dtype=torch.float64)
    for a, b in zip(single.parameters(), double.parameters(), strict=True):
        assert torch.equal(a, b.to(torch.float32))


def test_batch_norm_stands_before_each_relu(audio):
    encoder = build_encoder(configuration(batch_norm=True), 0)
    kinds = (torch.nn.Conv1d, torch.nn.BatchNorm1d, torch.nn.ReLU)
    for part, kind in zip(encoder.conv_modules[0].layers[0], kinds, strict=True):
        assert isinstance(part, kind)
    assert encoder.encode(audio)["context"].isfinite().all()
