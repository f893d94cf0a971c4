import numpy as np
import pytest
import torch

from sim_study.downstream.codes.features import (
    clips_at_once,
    pooled_features,
    posterior_rates,
)
from sim_study.model.encoder import build_encoder
from sim_study.train.divergence import Diverged


def test_features_are_means_over_frames(encoder, tones):
    clips, model = tones(5), encoder("gim")
    found = pooled_features(model, clips.samples, seed=None, batch_size=2)
    audio = torch.tensor(clips.samples / 32_768, dtype=torch.float32)[:, None]
    with torch.no_grad():
        expected = model.encode(audio)
    assert set(found) == set(model.layer_names)
    for layer, array in found.items():
        np.testing.assert_allclose(array, expected[layer].mean(dim=1), rtol=1e-4, atol=1e-6)
        assert array.dtype == np.float32


def test_sampled_features_follow_their_seed(encoder, tones):
    samples, model = tones(5).samples, encoder("sim")
    first = pooled_features(model, samples, seed=1)
    assert all(
        np.array_equal(array, pooled_features(model, samples, seed=1)[layer])
        for layer, array in first.items()
    )
    for other in (pooled_features(model, samples, seed=s) for s in (2, None)):
        assert all(not np.array_equal(array, other[layer]) for layer, array in first.items())


def test_gim_has_nothing_to_sample(encoder, tones):
    samples, model = tones(4).samples, encoder("gim")
    sampled = pooled_features(model, samples, seed=1)
    means = pooled_features(model, samples, seed=None)
    assert all(np.array_equal(sampled[layer], means[layer]) for layer in means)


def test_rates_of_a_known_posterior(encoder, tones):
    """Heads without weights: mu = 2 and variance e^0 in each of 6 channels, at every frame."""
    model = encoder("sim")
    for module in model.conv_modules:
        for head, value in ((module.mu, 2.0), (module.log_var, 0.0)):
            torch.nn.init.zeros_(head.weight)
            torch.nn.init.constant_(head.bias, value)
    rates = posterior_rates(model, tones(4).samples, batch_size=3)
    for layer in ("module_0", "module_1", "module_2"):
        assert rates[f"kl_nats_mean_path/{layer}"] == pytest.approx(
            6 * 2.0, rel=1e-6
        )  # mu^2 / 2 each
        assert rates[f"active_units/{layer}"] == 0.0


def test_active_units_are_those_that_vary(encoder, tones):
    model, samples = encoder("sim"), tones(9).samples
    head = model.conv_modules[0].mu
    torch.nn.init.constant_(model.conv_modules[0].layers[-1][0].bias, 0.5)
    torch.nn.init.zeros_(head.weight)
    head.weight.data[:2] = 100.0
    assert posterior_rates(model, samples)["active_units/module_0"] == 2.0


@pytest.mark.parametrize("method", ["gim", "random"])
def test_only_sim_has_rates(encoder, tones, method):
    assert posterior_rates(encoder(method), tones(4).samples) == {}


def test_latents_beyond_all_numbers_are_a_divergence(encoder, tones):
    model = encoder("gim")
    for parameter in model.conv_modules[1].parameters():
        torch.nn.init.constant_(parameter, 1e30)
    with pytest.raises(Diverged, match="the latents of module_1 became NaN or infinite"):
        pooled_features(model, tones(4).samples, seed=None)


@pytest.mark.parametrize("seed", [None, 3])
def test_how_many_clips_are_encoded_at_a_time_changes_nothing(encoder, tones, seed):
    """32 channels: as many draws at a time as the generator makes in one go, or a multiple."""
    config = encoder("sim").config
    shape = config.model.model_copy(update={"channels": 32})
    model = build_encoder(config.model_copy(update={"model": shape}), 0)
    samples = tones(24).samples
    few, many = (pooled_features(model, samples, seed=seed, batch_size=n) for n in (4, 64))
    for layer in few:
        np.testing.assert_allclose(few[layer], many[layer], rtol=1e-5, atol=1e-7)


def test_wide_latents_are_encoded_a_few_clips_at_a_time():
    assert [clips_at_once(c, "cpu") for c in (32, 64, 512)] == [32, 16, 8]
    assert clips_at_once(512, "cuda") == 256
