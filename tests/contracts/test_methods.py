"""What every method must keep to, a new one included: its traits say what its training does."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest
import torch

from sim_study.checkpoint.depends import layer_depends
from sim_study.config.method import METHODS, TRAITS, Method
from sim_study.config.model import ModelConfig
from sim_study.config.train import KlReduction, ObjectiveConfig, OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig
from sim_study.downstream.codes.features import posterior_rates
from sim_study.model.encoder import Encoder, build_encoder
from sim_study.model.operations import step_operations
from sim_study.naming.targets import Target
from sim_study.space.laws import reported
from sim_study.tracking.names import run_colour
from sim_study.train.state import make_optimizers
from sim_study.train.step import Terms, train_step
from sim_study.train.streams import ModuleStreams

TRAINED = [method for method in METHODS if TRAITS[method].trained]
GREEDY = [method for method in TRAINED if not TRAITS[method].end_to_end]
CLASSES = 3
BATCH, SAMPLES = 4, 3200

OTHERWISE: dict[str, Any] = {
    "prediction_steps": 3,
    "negatives": 5,
    "window_frames": 8,
    "kld_weight": 0.5,
    "kl_reduction": get_args(KlReduction)[1],
    "supervised_target": get_args(Target)[2],
}
"""Another value of every objective key than the default; a new key joins here."""


def _config(method: Method, **objective: Any) -> EncoderConfig:
    return EncoderConfig(
        method=method,
        model=ModelConfig(channels=4, context_channels=3),
        objective=ObjectiveConfig(**{"prediction_steps": 2, "negatives": 3, **objective}),
        train=TrainConfig(),
        online_probe=OnlineProbeConfig(),
    )


def _encoder(method: Method, seed: int = 0) -> Encoder:
    classes = CLASSES if TRAITS[method].learns_labels else None
    return build_encoder(_config(method), seed, classes=classes, dtype=torch.float64)


def _audio() -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.rand(BATCH, 1, SAMPLES, generator=generator, dtype=torch.float64) - 0.5


def _step(encoder: Encoder) -> Terms:
    labels = torch.tensor([2, 0, 1, 2]) if encoder.config.traits.learns_labels else None
    draws = {layer: ModuleStreams(0, layer, 1, "cpu") for layer in encoder.layer_names}
    return train_step(encoder, _audio(), make_optimizers(encoder, 1e-3), draws, labels)


def _weights(encoder: Encoder, part: str) -> torch.Tensor:
    return torch.cat([value.detach().flatten() for value in encoder.part(part).parameters()])


def test_every_objective_key_has_another_value_to_try() -> None:
    assert set(OTHERWISE) == set(ObjectiveConfig.model_fields)
    for key, value in OTHERWISE.items():
        assert getattr(ObjectiveConfig(**{key: value}), key) == value
        assert value != ObjectiveConfig.model_fields[key].default


@pytest.mark.parametrize("key", OTHERWISE)
@pytest.mark.parametrize("method", METHODS)
def test_the_hash_follows_the_keys_that_the_method_reads_and_no_others(
    method: Method, key: str
) -> None:
    values = (ObjectiveConfig.model_fields[key].default, OTHERWISE[key])
    hashes = {_config(method, **{key: value}).config_hash for value in values}
    assert len(hashes) == (2 if key in TRAITS[method].objective_keys else 1)


@pytest.mark.parametrize("method", METHODS)
def test_only_a_trained_method_s_hash_follows_its_training(method: Method) -> None:
    config = _config(method)
    longer = config.model_copy(update={"train": TrainConfig(epochs=7)})
    assert (longer.config_hash != config.config_hash) == TRAITS[method].trained
    assert (longer.epochs > 0) == TRAITS[method].trained


@pytest.mark.parametrize("method", TRAINED)
def test_a_step_reports_what_the_traits_say(method: Method) -> None:
    encoder, traits = _encoder(method), TRAITS[method]
    terms = _step(encoder)
    learning = ("context",) if traits.end_to_end else encoder.layer_names
    assert all(value.isfinite() and not value.requires_grad for value in terms.values())
    assert {key.split("/")[1] for key in terms} == set(learning)
    for layer in learning:
        assert f"loss/{layer}" in terms
        assert (f"nce/{layer}" in terms) == (traits.predicts == "frames")
        assert (f"cross_entropy/{layer}" in terms) == traits.learns_labels
        drawn = traits.samples and layer != "context"
        assert (f"kl_nats/{layer}" in terms) == drawn


@pytest.mark.parametrize("method", TRAINED)
def test_a_step_trains_every_layer_and_the_same_step_trains_it_the_same(method: Method) -> None:
    first, again, untouched = (_encoder(method) for _ in range(3))
    for encoder in (first, again):
        _step(encoder)
    for part in first.parts:
        assert torch.equal(_weights(first, part), _weights(again, part)), part
        assert not torch.equal(_weights(first, part), _weights(untouched, part)), part


@pytest.mark.parametrize("method", TRAINED)
def test_only_end_to_end_does_a_layer_learn_from_those_after_it(method: Method) -> None:
    """Other weights in the last layers: a gradient that leaked would be another gradient."""
    ours, other = _encoder(method), _encoder(method)
    strange = _encoder(method, seed=1)
    after = ("module_2", "context")
    for part in after:
        other.part(part).load_state_dict(strange.part(part).state_dict())
    for encoder in (ours, other):
        _step(encoder)
    for part in ("module_0", "module_1"):
        alike = torch.equal(_weights(ours, part), _weights(other, part))
        assert alike == (not TRAITS[method].end_to_end), part


@pytest.mark.parametrize("method", GREEDY)
def test_a_greedy_layer_s_address_leaves_out_what_comes_after_it(method: Method) -> None:
    config = _config(method)
    model = config.model.model_copy(update={"context_channels": 7})
    wider = config.model_copy(update={"model": model})
    ours, other = (layer_depends(one, 0, 1, "corpus") for one in (config, wider))
    assert [layer for layer in ours if ours[layer] == other[layer]] == list(ours)[:-1]


@pytest.mark.parametrize("method", METHODS)
def test_every_part_has_an_address(method: Method) -> None:
    assert tuple(layer_depends(_config(method), 0, 1, "corpus")) == _encoder(method).parts


@pytest.mark.parametrize("method", METHODS)
def test_latents_are_drawn_if_the_traits_say_so(method: Method) -> None:
    encoder = _encoder(method).eval()
    generators = {layer: torch.Generator().manual_seed(5) for layer in encoder.layer_names}
    with torch.no_grad():
        means, drawn = encoder.encode(_audio()), encoder.encode(_audio(), generators)
    for layer in encoder.layer_names:
        assert torch.equal(means[layer], drawn[layer]) == (not TRAITS[method].samples), layer


@pytest.mark.parametrize("method", METHODS)
def test_results_hold_what_a_search_may_ask_for(method: Method) -> None:
    """A trial's final numbers: the last epoch's, the online probe's, and rates of latents."""
    encoder = _encoder(method)
    clips = (1000 * _audio()[:, 0]).to(torch.int16).numpy()
    rates = posterior_rates(encoder, clips)
    last = _step(encoder) if TRAITS[method].trained else {}
    wanted = {key for key in reported(encoder.config) if not key.startswith("online/")}
    assert wanted <= {*rates, *last}
    assert bool(wanted) == TRAITS[method].samples


@pytest.mark.parametrize("method", METHODS)
def test_a_step_s_operations_can_be_counted(method: Method) -> None:
    one, two = (step_operations(_config(method), SAMPLES, batch).total for batch in (1, 2))
    assert two == 2 * one > 0


def test_every_method_is_introduced_and_told_apart_by_its_colour() -> None:
    assert tuple(TRAITS) == METHODS
    sentences = [traits.sentence for traits in TRAITS.values()]
    assert all(re.fullmatch(r"[A-Z].{20,}\.", sentence) for sentence in sentences)
    assert len(set(sentences)) == len(METHODS)
    colours = [traits.colour for traits in TRAITS.values()]
    assert all(re.fullmatch(r"#[0-9A-F]{6}", colour) for colour in colours)
    assert len(set(colours)) == len(METHODS)
    shown = {run_colour(method, method, number=0) for method in METHODS}
    assert len(shown) == len(METHODS), "in MLflow too"
