import numpy as np
import pytest
import torch

from sim_study.downstream.codes.features import pooled_features
from sim_study.downstream.codes.latents import Draws, LatentStore, encode, frozen_latents

SAMPLES = 1_600
LATENT_BYTES = 9 * 10 * 6 * 4  # clips, frames, channels, bytes


@pytest.mark.parametrize("draws", [None, Draws(0, "train")], ids=["means", "samples"])
@pytest.mark.parametrize("layer", ["module_0", "module_2", "context"])
def test_latents_are_the_same_whether_kept_or_computed_when_asked_for(encoder, tones, layer, draws):
    clips = tones(9, SAMPLES)
    rows = torch.tensor([4, 0, 8])
    kept = LatentStore(encoder("sim"), clips.samples, layer, draws=draws)
    computed = LatentStore(encoder("sim"), clips.samples, layer, room_bytes=0, draws=draws)
    assert len(kept) == len(computed) == 9
    assert kept[rows].shape[0] == 3
    torch.testing.assert_close(kept[rows], computed[rows], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("room", "clips"), [(LATENT_BYTES, [9]), (LATENT_BYTES - 1, [2, 2])])
def test_what_fits_is_encoded_once(encoder, tones, encoded, room, clips):
    store = LatentStore(encoder("gim"), tones(9, SAMPLES).samples, "module_2", room_bytes=room)
    store[torch.tensor([0, 1])]
    store[torch.tensor([1, 2])]
    assert encoded == clips


def test_frozen_latents_are_the_posterior_means(encoder, tones):
    model, samples = encoder("sim"), tones(5).samples
    latents = frozen_latents(model, samples, "module_1")
    pooled = pooled_features(model, samples, seed=None)["module_1"]
    assert latents.shape[::2] == (5, 6)
    np.testing.assert_allclose(latents.mean(dim=1), pooled, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("seed", [None, 3])
def test_a_sound_is_encoded_as_a_corpus_clip_is(encoder, tones, seed):
    model, samples = encoder("sim"), tones(1).samples
    latents = encode(model, samples[0], seed=seed)
    assert list(latents) == ["module_0", "module_1", "module_2", "context"]
    assert latents["module_2"].shape == (10, 6)  # (frame, channel)
    pooled = pooled_features(model, samples, seed=seed)
    for layer, found in latents.items():
        assert found.dtype == np.float32
        np.testing.assert_allclose(found.mean(axis=0), pooled[layer][0], rtol=1e-5, atol=1e-6)


def test_integers_and_floats_one_sound_and_several_are_encoded_alike(encoder, tones):
    model, samples = encoder("gim"), tones(3).samples
    several = encode(model, samples)
    floats = encode(model, samples.astype(np.float64) / 32_768)
    for layer, found in several.items():
        assert len(found) == 3
        np.testing.assert_allclose(floats[layer], found, rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(encode(model, samples[1])[layer], found[1], rtol=1e-5, atol=1e-6)


def test_integers_of_an_unknown_full_scale_are_refused(encoder):
    with pytest.raises(ValueError, match="int16 or floats in"):
        encode(encoder("gim"), np.zeros(1_600, np.int32))


def test_a_sample_is_the_posteriors_and_a_seed_and_split_have_one_each(encoder, tones):
    model, samples = encoder("sim"), tones(40).samples

    def drawn(*which, **more):
        return frozen_latents(model, samples, "module_0", draws=Draws(*which, **more))

    first = drawn(0, "train")
    assert torch.equal(first, drawn(0, "train"))
    for other in (drawn(1, "train"), drawn(0, "test"), drawn(0, "train", number=1)):
        assert not torch.isclose(first, other).any(dim=(1, 2)).all()
    with torch.no_grad():
        mu, log_var = model.posteriors(torch.from_numpy(samples / np.float32(32_768))[:, None])[
            "module_0"
        ]
    noise = (first - mu) / (0.5 * log_var).exp()  # 40 * 80 * 6 values
    assert noise.mean().abs() < 0.03
    assert noise.std() == pytest.approx(1, abs=0.02)
    cross = torch.corrcoef(noise.flatten(1)) - torch.eye(40)  # between clips
    assert cross.abs().max() < 0.25


@pytest.mark.parametrize("room", [10**9, 0])
def test_a_store_takes_the_next_sample_when_asked(encoder, tones, encoded, room):
    clips, rows = tones(4, SAMPLES), torch.tensor([2, 0])
    store = LatentStore(
        encoder("sim"), clips.samples, "module_1", room_bytes=room, draws=Draws(0, "train")
    )
    seen = [store[rows]]
    for _ in range(2):
        store.draw_anew()
        seen.append(store[rows])
    for number, found in enumerate(seen):
        again = Draws(0, "train", number)
        wanted = frozen_latents(encoder("sim"), clips.samples, "module_1", draws=again)
        torch.testing.assert_close(found, wanted[rows], rtol=1e-5, atol=1e-6)
    assert not torch.equal(seen[0], seen[1])
    encoded.clear()
    means = LatentStore(encoder("gim"), clips.samples, "module_1", draws=Draws(0, "train"))
    means.draw_anew()
    assert sum(encoded) == 4  # nothing is made anew where nothing is drawn


def test_the_next_module_sees_the_sample(encoder, tones):
    """Module 1's posterior is that of module 0's draw, not of its mean."""
    model, samples, draws = encoder("sim"), tones(6).samples, Draws(3, "test")
    below, above = (
        frozen_latents(model, samples, layer, draws=draws) for layer in ("module_0", "module_1")
    )
    module = model.convolutional()["module_1"]
    streams = draws.streams(model, range(6), "cpu")["module_1"]
    with torch.no_grad():
        mu, log_var = module.posterior(below.transpose(1, 2))
        noise = torch.stack([torch.empty(mu.shape[1:]).normal_(generator=one) for one in streams])
    torch.testing.assert_close(above, mu + (0.5 * log_var).exp() * noise, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("method", ["gim", "cpc", "supervised", "random"])
def test_methods_that_do_not_sample_have_no_draws(encoder, tones, method):
    model, samples = encoder(method), tones(4).samples
    drawn = frozen_latents(model, samples, "module_2", draws=Draws(0, "train"))
    assert torch.equal(drawn, frozen_latents(model, samples, "module_2"))
