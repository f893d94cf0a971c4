"""Converged probes of clips: what is fitted to what, and what is reported."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim_study.config.probe import PENALTIES, ProbeConfig
from sim_study.downstream.codes.protocols import protocol_features
from sim_study.downstream.probes.converged_probes import read_unit, run_converged
from sim_study.downstream.probes.logistic import fit_logistic
from sim_study.downstream.quantities import QUANTITIES
from sim_study.ledger.feature_file import FramesOf
from sim_study.naming.result_keys import parse_key

LAYERS = ("module_0", "module_1", "module_2", "context")


def test_every_layer_and_target_is_read_and_told_how(encoder, tones) -> None:
    train, test = tones(90), tones(60, seed=1)
    features = protocol_features(encoder("sim"), train, test, seed=0)
    found = run_converged(features, train, test, {}, ProbeConfig())
    for key, value in found.metrics.items():
        place = parse_key(key)
        assert QUANTITIES[place.quantity].contains(value), key
    for quantity in ("accuracy", "accuracy_sampled"):
        for target in ("vowel", "syllable"):
            for layer in LAYERS:
                for what in ("", "_train", "_penalty", "_gradient"):
                    assert f"{quantity}{what}/{target}/{layer}" in found.metrics
    assert found.metrics["accuracy/vowel/module_0"] == 1.0
    assert (
        found.metrics["accuracy/syllable/module_0"] < 0.3 > found.metrics["chance/vowel/all"] - 0.1
    )
    assert found.metrics["accuracy_penalty/syllable/context"] in PENALTIES
    assert found.metrics["accuracy_gradient/vowel/context"] < 1e-4
    sampled = found.probes["accuracy_sampled/vowel/module_0"].fit
    assert sampled.standard_bias.tolist() == [0, 0, 0]
    assert np.any(found.probes["accuracy/vowel/module_0"].fit.standard_bias != 0)


def test_means_are_pooled_as_asked_and_samples_over_the_clip(encoder, tones) -> None:
    train, test = (
        replace(clips, spans={"vowel": np.tile(np.array([400, 1_200]), (len(clips), 1))})
        for clips in (tones(90), tones(60, seed=1))
    )
    unit = FramesOf("vowel")
    inside = np.arange(len(train) * 10).reshape(-1, 10)[:, 2:7]  # 10 frames a clip
    draws = {"train": {unit: inside.ravel()}, "test": {unit: inside[: len(test)].ravel()}}
    features = protocol_features(encoder("gim"), train, test, 0, frames=draws, thirds=True)
    rows = {unit: {split: drawn[unit] // 10 for split, drawn in draws.items()}}
    widths = {}
    for pooling in ("mean", "thirds", "frames"):
        config = ProbeConfig(targets=("vowel",), pooling=pooling)
        found = run_converged(features, train, test, rows, config).probes
        widths[pooling] = found["accuracy/vowel/module_0"].fit.weight.shape[1]
        assert found["accuracy_sampled/vowel/module_0"].fit.weight.shape[1] == 6
        if pooling == "frames":
            codes = features["probe_accuracy"].of(unit)["train"]["module_0"]
            clip = rows[unit]["train"]
            fit = fit_logistic(codes, train.labels["vowel"][clip], train.groups[clip], 3)
            again = found["accuracy/vowel/module_0"].fit
            assert np.array_equal(again.standard_weight, fit.standard_weight)
    assert widths == {"mean": 6, "thirds": 18, "frames": 6}


@pytest.mark.parametrize(
    ("pooling", "target", "unit"),
    [
        ("mean", "vowel", "clips"),
        ("thirds", "vowel", "thirds"),
        ("frames", "vowel", FramesOf("vowel")),
        ("frames", "syllable", FramesOf("sounding")),
    ],
)
def test_what_a_target_is_read_from(pooling, target, unit) -> None:
    assert read_unit(pooling, target) == unit
