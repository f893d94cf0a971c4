import math

import numpy as np
import pytest
import torch

from sim_study.config.geometry import module_frames
from sim_study.config.model import ModelConfig
from sim_study.config.train import ObjectiveConfig, OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig
from sim_study.errors import UserError
from sim_study.model.encoder import build_encoder
from sim_study.train import loop
from sim_study.train.divergence import Diverged
from sim_study.train.examples import Examples, unlabelled
from sim_study.train.loop import train
from sim_study.train.step import train_step


def configuration(method="sim", *, split=(2, 2, 1), objective=None, batch_norm=False, **train):
    return EncoderConfig(
        method=method,
        model=ModelConfig(split=split, channels=4, context_channels=3, batch_norm=batch_norm),
        objective=ObjectiveConfig(
            **{"prediction_steps": 2, "negatives": 3, "kld_weight": 0.001, **(objective or {})}
        ),
        train=TrainConfig(**{"epochs": 3, "batch_size": 4, "learning_rate": 1e-3, **train}),
        online_probe=OnlineProbeConfig(every_epochs=2),
    )


def noise(clips=8, length=3200, seed=0):
    return np.random.default_rng(seed).integers(-9000, 9000, (clips, length)).astype(np.int16)


class Run:
    """A training with everything that it reported and saved."""

    def __init__(self, config, seed=0, samples=None, resume=None):
        self.curve, self.saved, self.modes = {}, {}, []
        examples = unlabelled(noise() if samples is None else samples)
        if config.method == "supervised":
            labels = np.arange(len(examples)) % 3
            examples = Examples(examples.samples, examples.rows, labels, 3)
        self.encoder = build_encoder(config, seed, classes=examples.classes)
        train(
            self.encoder,
            examples,
            config,
            seed,
            report=self.curve.__setitem__,
            save=lambda state, metrics: self.saved.__setitem__(state.epoch, state),
            probe=self._probe,
            resume=resume,
            clock=lambda: 0.0,
        )
        self.weights = self.encoder.state_dict()

    def _probe(self, encoder):
        self.modes.append(encoder.training)
        return {"online/vowel/mean": 0.5}


def equal(first, second, prefix=""):
    return all(
        torch.equal(value, second[name]) for name, value in first.items() if name.startswith(prefix)
    )


@pytest.mark.parametrize("method", ["sim", "gim", "cpc", "supervised"])
def test_same_seed_same_curve_and_other_seed_other_curve(method):
    config = configuration(method)
    first, again, other = Run(config), Run(config), Run(config, seed=1)
    assert first.curve == again.curve
    assert equal(first.weights, again.weights)
    assert first.curve[1]["loss/context"] != other.curve[1]["loss/context"]


@pytest.mark.parametrize(
    ("method", "batch_norm"),
    [("sim", False), ("sim", True), ("gim", False), ("cpc", True), ("supervised", True)],
)
def test_resumed_equals_uninterrupted_bitwise(method, batch_norm):
    config = configuration(
        method, epochs=4, batch_norm=batch_norm, crop_samples=1600, learning_rate_decay=0.9
    )
    whole = Run(config)
    rest = Run(config, resume=whole.saved[2])
    assert rest.curve == {epoch: whole.curve[epoch] for epoch in (3, 4)}
    assert equal(whole.weights, rest.weights)


def test_a_module_does_not_depend_on_those_after_it():
    few, many = Run(configuration(split=(2, 2, 1))), Run(configuration(split=(2, 1, 1, 1)))
    assert equal(few.weights, many.weights, "conv_modules.0.")
    for epoch in (1, 2, 3):
        for quantity in ("loss", "nce", "kl", "kl_nats"):
            key = f"{quantity}/module_0"
            assert few.curve[epoch][key] == many.curve[epoch][key]
    assert few.curve[3]["loss/module_1"] != many.curve[3]["loss/module_1"]


def test_an_inner_layer_depends_on_those_after_it_end_to_end():
    few, many = (Run(configuration("cpc", split=split)) for split in ((2, 2, 1), (2, 1, 1, 1)))
    assert not equal(few.weights, many.weights, "conv_modules.0.layers.")


def test_epochs_are_reported_and_checkpoints_saved_when_due():
    run = Run(configuration())
    assert list(run.curve) == [0, 1, 2, 3]
    assert run.curve[0] == {"online/vowel/mean": 0.5}
    assert list(run.saved) == [2, 3]
    assert [epoch for epoch, m in run.curve.items() if "online/vowel/mean" in m] == [0, 2, 3]
    assert run.modes == [False, False, False]
    assert run.encoder.training


@pytest.mark.parametrize("method", ["sim", "gim"])
def test_metric_keys(method):
    conv = ["module_0", "module_1", "module_2"]
    quantities = ["loss", "nce"] + ["kl", "kl_nats"] * (method == "sim")
    expected = {f"{quantity}/{layer}" for quantity in quantities for layer in conv}
    expected |= {"loss/context", "nce/context", "learning_rate/encoder", "seconds_per_step/encoder"}
    assert set(Run(configuration(method)).curve[1]) == expected


@pytest.mark.parametrize(
    ("method", "quantities"),
    [("cpc", ("loss", "nce")), ("supervised", ("loss", "cross_entropy", "train_accuracy"))],
)
def test_metric_keys_end_to_end(method, quantities):
    expected = {f"{quantity}/context" for quantity in quantities}
    expected |= {"learning_rate/encoder", "seconds_per_step/encoder"}
    curve = Run(configuration(method)).curve[1]
    assert set(curve) == expected
    assert curve["loss/context"] == curve[f"{quantities[1]}/context"]


def test_gim_starts_near_the_loss_of_guessing():
    metrics = Run(configuration("gim")).curve[1]
    assert metrics["nce/module_0"] == pytest.approx(math.log(4), abs=0.05)
    assert metrics["loss/module_0"] == metrics["nce/module_0"]


def test_the_kl_term_pulls_a_module_to_the_standard_normal():
    settings = {"epochs": 20, "learning_rate": 1e-2}
    weak = Run(configuration(objective={"kld_weight": 0.0}, **settings)).curve
    strong = Run(configuration(objective={"kld_weight": 1.0}, **settings)).curve
    assert strong[20]["kl_nats/module_0"] < 0.1 * weak[20]["kl_nats/module_0"]
    assert weak[20]["loss/module_0"] == weak[20]["nce/module_0"]


@pytest.mark.parametrize("reduction", ["frame_sum", "channel_sum"])
def test_the_loss_is_nce_plus_the_weighted_kl(reduction):
    config = configuration(objective={"kld_weight": 0.5, "kl_reduction": reduction})
    metrics = Run(config).curve[1]
    weighted = metrics["nce/module_1"] + 0.5 * metrics["kl/module_1"]
    assert metrics["loss/module_1"] == pytest.approx(weighted, rel=1e-6)
    frames = module_frames(config.model, 3200)["module_1"]
    per_frame = metrics["kl_nats/module_1"] * (frames / 4 if reduction == "frame_sum" else 1)
    assert metrics["kl/module_1"] == pytest.approx(per_frame, rel=1e-5)


def test_training_on_a_tone_lowers_the_loss():
    time = np.arange(3200) / 16_000
    tones = [8000 * np.sin(2 * np.pi * hertz * time) for hertz in (150, 250, 400, 700)]
    samples = np.stack(tones).astype(np.int16)
    curve = Run(configuration("gim", epochs=30, learning_rate=1e-2), samples=samples).curve
    assert curve[30]["nce/module_0"] < 0.9 * curve[1]["nce/module_0"]


def test_an_encoder_learns_what_it_is_told():
    """Labels are of noise: nothing but learning by heart can name them."""
    curve = Run(configuration("supervised", epochs=150, learning_rate=1e-2)).curve
    assert curve[1]["loss/context"] == pytest.approx(math.log(3), abs=0.2)
    assert curve[150]["loss/context"] < 0.1
    assert curve[150]["train_accuracy/context"] == 1


def test_the_learning_rate_decays_every_epoch():
    curve = Run(configuration(learning_rate=1e-3, learning_rate_decay=0.5)).curve
    rates = [curve[epoch]["learning_rate/encoder"] for epoch in (1, 2, 3)]
    assert rates == pytest.approx([1e-3, 5e-4, 2.5e-4])


def test_an_untrained_encoder_is_probed_reported_and_saved_once():
    run = Run(configuration("random", epochs=5))
    assert list(run.curve) == [0]
    assert list(run.saved) == [0]
    assert equal(run.weights, build_encoder(configuration("random"), 0).state_dict())


def test_a_huge_learning_rate_diverges():
    with pytest.raises(Diverged, match=r"the loss of \w+ became (nan|inf) in epoch \d+, step \d"):
        Run(configuration(learning_rate=1e30))


def test_an_infinite_kl_names_layer_epoch_and_step():
    config = configuration()
    encoder = build_encoder(config, 0)
    with torch.no_grad():
        encoder.module("module_1").log_var.bias.fill_(1e4)
    with pytest.raises(Diverged, match=r"of module_1 became (nan|inf) in epoch 1, step 1"):
        train(
            encoder,
            unlabelled(noise()),
            config,
            0,
            report=lambda *_: None,
            save=lambda *_: None,
            probe=lambda _: {},
        )


def test_weights_that_the_last_step_broke_are_noticed_in_the_same_epoch(monkeypatch):
    """One step an epoch, the losses are finite, and the update writes NaN into one layer."""

    def broken_step(encoder, *rest):
        terms = train_step(encoder, *rest)
        with torch.no_grad():
            encoder.module("module_2").mu.weight.view(-1)[3] = math.nan
        return terms

    monkeypatch.setattr(loop, "train_step", broken_step)
    with pytest.raises(Diverged, match="a weight of module_2 became NaN or infinite in epoch 1"):
        Run(configuration(epochs=1, batch_size=8))


def test_labels_need_no_frames_ahead():
    curve = Run(configuration("supervised", objective={"prediction_steps": 200})).curve
    assert curve[3]["loss/context"] > 0


def test_a_clip_without_a_frame_is_refused():
    with pytest.raises(UserError, match=r"model\.kernel_sizes = .*: make no frame of 10 samples"):
        Run(configuration("supervised"), samples=noise(length=10))


def test_clips_too_short_are_refused_with_key_and_law():
    with pytest.raises(UserError, match=r"train\.crop_samples = 4800: must not be longer"):
        Run(configuration(crop_samples=4800))
    with pytest.raises(UserError, match=r"prediction_steps = 20: must be less than the 20 frames"):
        Run(configuration(objective={"prediction_steps": 20}))
    with pytest.raises(UserError, match=r"prediction_steps = 2: must be less than the 2 frames"):
        Run(configuration(objective={"window_frames": 2}))
