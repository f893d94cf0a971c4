import pytest
import torch

from sim_study.config.model import ModelConfig
from sim_study.config.train import ObjectiveConfig, OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig
from sim_study.model.encoder import build_encoder
from sim_study.objective.cross_entropy import UNLABELLED
from sim_study.train.state import make_optimizers
from sim_study.train.step import end_to_end_terms, module_terms, train_step
from sim_study.train.streams import ModuleStreams

LAYERS = ("module_0", "module_1", "module_2", "context")


def make(method, classes=None, **model):
    config = EncoderConfig(
        method=method,
        model=ModelConfig(channels=4, context_channels=3, **model),
        objective=ObjectiveConfig(prediction_steps=2, negatives=3),
        train=TrainConfig(),
        online_probe=OnlineProbeConfig(),
    )
    return build_encoder(config, 0, classes=classes, dtype=torch.float64)


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
        terms, latents = module_terms(encoder, layer, x, streams[layer])
        if layer == trained:
            terms["loss"].backward()
        assert not latents.requires_grad
        x = latents.transpose(1, 2)
    for layer in LAYERS:
        parameters = encoder.module(layer).named_parameters()
        reached = [name for name, value in parameters if value.grad is not None]
        assert bool(reached) == (layer == trained), (layer, reached)


@pytest.mark.parametrize("modules", [1, 3])
def test_cpc_s_one_loss_reaches_every_layer_and_the_latents_it_predicts(modules, audio):
    encoder = make("cpc", modules=modules)
    encoder.context.gru.requires_grad_(False)
    encoder.context.gru.weight_ih_l0.zero_()  # the context tells nothing of the latents
    end_to_end_terms(encoder, audio, draws()["context"])["loss"].backward()
    reached = {name for name, value in encoder.named_parameters() if value.grad is not None}
    unused = {name for name in dict(encoder.named_parameters()) if ".log_var." in name}
    frozen = {name for name in dict(encoder.named_parameters()) if "context.gru." in name}
    assert reached == set(dict(encoder.named_parameters())) - unused - frozen
    for module in encoder.conv_modules:  # through what is predicted alone
        assert module.layers[0][0].weight.grad.abs().max() > 0


def test_modules_without_a_loss_of_their_own_have_no_predictor():
    names = {method: dict(make(method).named_parameters()) for method in ("gim", "cpc")}
    lacking = set(names["gim"]) - set(names["cpc"])
    assert lacking == {f"conv_modules.{module}.predictor.weight" for module in range(3)}
    assert not [name for name in supervised(2).state_dict() if "predictor" in name]


def test_cpc_starts_from_gim_s_weights():
    gim, cpc = make("gim").state_dict(), make("cpc").state_dict()
    assert all(torch.equal(value, gim[name]) for name, value in cpc.items())


def supervised(classes):
    return make("supervised", classes=classes)


def test_the_head_reads_the_mean_context_and_its_loss_reaches_every_layer(audio):
    encoder, labels = supervised(3), torch.tensor([2, 0, 2])
    terms = end_to_end_terms(encoder, audio, draws()["context"], labels)
    head = encoder.head
    scores = encoder.encode(audio)["context"].mean(dim=1) @ head.weight.T + head.bias
    expected = -scores.log_softmax(dim=1)[range(3), labels].mean()
    torch.testing.assert_close(terms["loss"], expected)
    assert terms["train_accuracy"] == (scores.argmax(dim=1) == labels).double().mean()
    terms["loss"].backward()
    without = {name for name, value in encoder.named_parameters() if value.grad is None}
    assert without == {name for name, _ in encoder.named_parameters() if ".log_var." in name}


def test_a_head_on_frames_skips_those_without_a_label(audio):
    encoder = supervised(4)
    context = encoder.encode(audio)["context"]  # (3, 20, D)
    labels = torch.randint(4, context.shape[:2], generator=torch.Generator().manual_seed(1))
    labels[:, :7] = UNLABELLED
    labels[1] = UNLABELLED
    terms = end_to_end_terms(encoder, audio, draws()["context"], labels)
    scores = encoder.head(context[[0, 2], 7:]).flatten(0, 1)
    known = labels[[0, 2], 7:].flatten()
    expected = -scores.log_softmax(dim=1)[range(len(known)), known].mean()
    torch.testing.assert_close(terms["loss"], expected)
    assert terms["train_accuracy"] == (scores.argmax(dim=1) == known).double().mean()


def test_a_batch_without_any_label_teaches_nothing(audio):
    labels = torch.full((3, 20), UNLABELLED)
    terms = end_to_end_terms(supervised(4), audio, draws()["context"], labels)
    assert terms["loss"] == terms["train_accuracy"] == 0


@pytest.mark.parametrize("method", ["cpc", "supervised"])
def test_one_adam_a_part_is_one_adam_over_all_end_to_end(method, audio):
    classes, labels = (3, torch.tensor([2, 0, 1])) if method == "supervised" else (None, None)
    ours, whole = (make(method, classes=classes) for _ in range(2))
    optimizers = make_optimizers(ours, 1e-2)
    adam = torch.optim.Adam(whole.parameters(), lr=1e-2)
    for epoch in (1, 2, 3):
        train_step(ours, audio, optimizers, draws(epoch), labels)
        adam.zero_grad()
        end_to_end_terms(whole, audio, draws(epoch)["context"], labels)["loss"].backward()
        adam.step()
    for a, b in zip(ours.parameters(), whole.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-10, atol=1e-12)


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
            terms, latents = module_terms(whole, layer, x, streams[layer])
            terms["loss"].backward()
            x = latents.transpose(1, 2)
        adam.step()
    for a, b in zip(ours.parameters(), whole.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-10, atol=1e-12)


def test_sim_hands_on_another_draw_than_the_mean(audio):
    encoder = make("sim")
    _, latents = module_terms(encoder, "module_0", audio, draws()["module_0"])
    assert not torch.equal(latents, encoder.posteriors(audio)["module_0"][0])


def test_gim_hands_on_the_mean(audio):
    encoder = make("gim")
    _, latents = module_terms(encoder, "module_0", audio, draws()["module_0"])
    assert torch.equal(latents, encoder.posteriors(audio)["module_0"][0])


def make_bf16(method, precision):
    config = make(method).config
    classes = 3 if method == "supervised" else None
    train = config.train.model_copy(update={"precision": precision})
    model = config.model.model_copy(update={"channels": 16, "context_channels": 8})
    config = config.model_copy(update={"train": train, "model": model})
    return build_encoder(config, 0, classes=classes)


@pytest.mark.parametrize("method", ["sim", "gim", "cpc", "supervised"])
def test_bf16_trains_the_same_encoder_less_precisely(method, audio):
    full, low = (make_bf16(method, precision) for precision in ("fp32", "bf16"))
    losses = []
    for encoder in (full, low):
        optimizers, labels = make_optimizers(encoder, 1e-3), torch.tensor([2, 0, 1])
        terms = train_step(encoder, audio.float(), optimizers, draws(), labels)
        losses.append(torch.stack([terms[key] for key in terms if key.startswith("loss/")]))
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
            terms, latents = module_terms(encoder, layer, x, streams[layer])
            wanted = torch.float32 if layer == "context" else torch.bfloat16
            assert latents.dtype == wanted
            assert all(term.dtype == torch.float32 for term in terms.values())
            x = latents.transpose(1, 2)
