import pytest
import torch

from sim_study.config.model import ModelConfig
from sim_study.config.objective import ObjectiveConfig
from sim_study.config.train import OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig
from sim_study.model.encoder import build_encoder
from sim_study.train.state import make_optimizers
from sim_study.train.step import module_outcome, train_step
from sim_study.train.streams import ModuleStreams

LAYERS = ("module_0", "module_1", "module_2", "context")


def make(method):
    config = EncoderConfig(
        method=method,
        model=ModelConfig(channels=4, context_channels=3),
        objective=ObjectiveConfig(prediction_steps=2, negatives=3),
        train=TrainConfig(),
        online_probe=OnlineProbeConfig(),
    )
    return build_encoder(config, 0, dtype=torch.float64)


def draws(epoch=1):
    return {layer: ModuleStreams(0, layer, epoch, "cpu") for layer in LAYERS}


@pytest.fixture
def audio():
    generator = torch.Generator().manual_seed(0)
    return torch.rand(3, 1, 3200, generator=generator, dtype=torch.float64) - 0.5


@pytest.mark.parametrize("method", ["sim", "gim"])
@pytest.mark.parametrize("trained", LAYERS)
def test_no_gradient_crosses_a_module(method, trained, audio):
    encoder, streams, x = make(method), draws(), audio
    for layer in LAYERS:
        outcome = module_outcome(encoder, layer, x, streams[layer])
        if layer == trained:
            outcome.terms["loss"].backward()
        assert not outcome.latents.requires_grad
        x = outcome.latents.transpose(1, 2)
    for layer in LAYERS:
        parameters = encoder.module(layer).named_parameters()
        reached = [name for name, value in parameters if value.grad is not None]
        assert bool(reached) == (layer == trained), (layer, reached)


def test_gim_leaves_the_unused_head_alone(audio):
    encoder = make("gim")
    before = encoder.module("module_0").log_var.weight.clone()
    train_step(encoder, audio, make_optimizers(encoder, 0.1), draws())
    assert torch.equal(before, encoder.module("module_0").log_var.weight)


def test_one_adam_a_layer_is_one_adam_over_all(audio):
    ours, whole = make("sim"), make("sim")
    optimizers = make_optimizers(ours, 1e-2)
    adam = torch.optim.Adam(whole.parameters(), lr=1e-2)
    for epoch in (1, 2, 3):
        train_step(ours, audio, optimizers, draws(epoch))
        adam.zero_grad()
        streams, x = draws(epoch), audio
        for layer in LAYERS:
            outcome = module_outcome(whole, layer, x, streams[layer])
            outcome.terms["loss"].backward()
            x = outcome.latents.transpose(1, 2)
        adam.step()
    for a, b in zip(ours.parameters(), whole.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-10, atol=1e-12)


def test_sim_hands_on_another_draw_than_the_mean(audio):
    encoder = make("sim")
    latents = module_outcome(encoder, "module_0", audio, draws()["module_0"]).latents
    assert not torch.equal(latents, encoder.posteriors(audio)["module_0"][0])


def test_gim_hands_on_the_mean(audio):
    encoder = make("gim")
    latents = module_outcome(encoder, "module_0", audio, draws()["module_0"]).latents
    assert torch.equal(latents, encoder.posteriors(audio)["module_0"][0])


def make_bf16(method, precision):
    config = make(method).config
    train = config.train.model_copy(update={"precision": precision})
    model = config.model.model_copy(update={"channels": 16, "context_channels": 8})
    return build_encoder(config.model_copy(update={"train": train, "model": model}), 0)


@pytest.mark.parametrize("method", ["sim", "gim"])
def test_bf16_trains_the_same_encoder_less_precisely(method, audio):
    full, low = (make_bf16(method, precision) for precision in ("fp32", "bf16"))
    losses = []
    for encoder in (full, low):
        terms = train_step(encoder, audio.float(), make_optimizers(encoder, 1e-3), draws())
        losses.append(torch.stack([terms[f"loss/{layer}"] for layer in LAYERS]))
    torch.testing.assert_close(*losses, rtol=0.01, atol=0)
    assert not torch.equal(*losses)  # the setting does something
    gradients = []
    for encoder in (full, low):
        found = [value.grad for value in encoder.parameters() if value.grad is not None]
        assert all(gradient.dtype == torch.float32 for gradient in found)
        gradients.append(torch.cat([gradient.flatten() for gradient in found]))
    assert torch.cosine_similarity(*gradients, dim=0) > 0.99
    assert all(value.dtype == torch.float32 for value in low.parameters())


def test_bf16_hands_on_half_the_bytes_and_a_full_context(audio):
    encoder = make_bf16("sim", "bf16")
    streams, x = draws(), audio.float()
    with torch.autocast("cpu", torch.bfloat16):
        for layer in LAYERS:
            outcome = module_outcome(encoder, layer, x, streams[layer])
            wanted = torch.float32 if layer == "context" else torch.bfloat16
            assert outcome.latents.dtype == wanted
            assert all(term.dtype == torch.float32 for term in outcome.terms.values())
            x = outcome.latents.transpose(1, 2)
