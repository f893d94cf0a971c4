"""The probe stage on a corpus of utterances, whose frames have phones."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim_study.config.method import Method
from sim_study.config.model import ModelConfig
from sim_study.config.probe import PhoneProbeConfig, ProbeConfig
from sim_study.config.train import ObjectiveConfig, OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig, Trial
from sim_study.data.clips import Clips, Split
from sim_study.data.corpus import Corpus
from sim_study.errors import UserError
from sim_study.ledger.feature_file import MEANS, SAMPLED, FeatureFile, FramesOf
from sim_study.ledger.ledger import Ledger
from sim_study.model.encoder import build_encoder
from sim_study.study.stages import probe_stage
from sim_study.study.stages.bench import Bench
from sim_study.study.stages.kept_codes import draw_clip_frames
from tests.study.spoken import PHONES, SPEAKERS, WINDOW, Spoken, Wordless

LAYERS = ("module_0", "module_1", "module_2", "context")


def encoder_config(method: Method, strides: tuple[int, ...]) -> EncoderConfig:
    return EncoderConfig(
        method=method,
        model=ModelConfig(channels=6, context_channels=4, strides=strides),
        objective=ObjectiveConfig(),
        train=TrainConfig(),
        online_probe=OnlineProbeConfig(),
    )


def run(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    corpus: type[Corpus],
    strides: tuple[int, ...] = (5, 4, 2, 2, 2),
    **settings: Any,
):
    encoder = build_encoder(encoder_config("sim", strides), 0)
    monkeypatch.setattr(probe_stage, "load_encoder", lambda path: encoder)
    ledger = Ledger(folder)
    config = ProbeConfig.model_validate(
        {
            "targets": ("speaker", "phone"),
            "standardise": True,
            "protocol": "paper",
            "phone": PhoneProbeConfig(epochs=10, learning_rate=0.02),
            **settings,
        }
    )
    trial = Trial(stage="probe", config=config, seed=1, corpus_fingerprint="x", upstream="none")
    bench = Bench(
        ledger, ledger.folder(trial.trial_id), corpus("spoken", "x", folder), "cpu", lambda *_: None
    )
    bench.folder.artifacts.mkdir(parents=True)
    return probe_stage.run_probe(trial, config, bench), bench.folder


def test_phones_and_speakers_are_read_and_everything_is_kept(tmp_path, monkeypatch):
    metrics, folder = run(tmp_path, monkeypatch, Spoken, learning_rates=(1e-6, 1e-2))
    assert metrics["probe_accuracy/phone/module_0"] > 0.6 > metrics["chance/phone/all"]
    assert metrics["balanced_accuracy/phone/module_0"] > 0.6
    assert metrics["probe_accuracy/speaker/module_0"] > 0.8 > metrics["chance/speaker/all"]
    assert metrics["accuracy/phone/module_0"] > metrics["probe_accuracy/phone/module_0"] - 0.05
    assert metrics["accuracy/speaker/module_0"] > 0.8
    assert metrics["accuracy_train/phone/module_0"] > 0.6
    assert metrics["accuracy_gradient/phone/module_0"] < 1e-4
    assert metrics["accuracy_balanced/phone/module_0"] > 0.6
    assert metrics["probe_accuracy_learning_rate/speaker/module_0"] == 1e-2
    assert "probe_accuracy_learning_rate/phone/module_0" not in metrics
    assert "module_0,1e-06" in (folder.artifacts / "probe_learning_rates.csv").read_text()
    for name in ("phone_accuracy.csv", "confusion_context.csv", "confusion_context.png"):
        assert (folder.artifacts / "phones" / name).exists()
        assert (folder.artifacts / "phones" / "paper" / name).exists()
    with np.load(folder.artifacts / "probe_weights.npz") as weights:
        assert weights["probe_interpretability/phone/module_2"].shape == (3, 6)
        assert weights["deviation/probe_interpretability/phone/context"].shape == (4,)
        assert weights["learning_rate/probe_interpretability/speaker/context"] in (1e-6, 1e-2)
        assert list(weights["classes/phone"]) == list(PHONES)
        assert weights["accuracy_sampled/phone/module_2"].shape == (3, 6)
        assert weights["accuracy/speaker/context"].shape == (2, 4)
        assert weights["deviation/accuracy_sampled/phone/context"].tolist() == [1] * 4


def test_perturbed_clips_are_read_by_the_probe_of_clean_ones(tmp_path, monkeypatch):
    levels = {"gain_db": [-40], "snr_db": [60], "clips": 1000}
    settings = {"targets": ("speaker",), "protocol": "converged", "robustness": levels}
    metrics, folder = run(tmp_path, monkeypatch, Spoken, **settings)
    rows = list(csv.DictReader((folder.artifacts / "robustness.csv").open()))
    clean = {row["layer"]: float(row["accuracy"]) for row in rows if row["kind"] == "clean"}
    assert clean == {
        layer: pytest.approx(metrics[f"accuracy/speaker/{layer}"], abs=1e-6) for layer in LAYERS
    }
    assert metrics["robustness_white/speaker/module_0"] == pytest.approx(clean["module_0"], abs=0.1)
    assert metrics["robustness_gain/speaker/module_0"] < clean["module_0"] - 0.2


def test_frames_come_with_their_phone_and_speaker(tmp_path, monkeypatch):
    _, folder = run(tmp_path, monkeypatch, Spoken, targets=("speaker",))
    spoken = Spoken("spoken", "x", tmp_path).spoken("test")
    labels = sum(map(len, spoken.phones))
    with np.load(folder.path / "features.npz") as features:
        for protocol in ("probe_accuracy", "probe_interpretability"):
            for layer in LAYERS:
                assert len(features[f"frames/{protocol}/test/{layer}"]) == labels
                assert len(features[f"labelled/{protocol}/test/{layer}"]) == labels
        assert np.array_equal(features["frames/test/label/phone"], np.concatenate(spoken.phones))
        assert set(features["frames/test/label/speaker"]) == {0, 1}
        assert list(features["classes/phone"]) == list(PHONES)
        single, mean = (
            {layer: features[f"{kind}/probe_accuracy/test/{layer}"] for layer in LAYERS}
            for kind in ("frames", "labelled")
        )
        assert np.array_equal(single["module_2"], mean["module_2"])  # a frame is 10 ms
        assert mean["module_0"].std() < single["module_0"].std()
        silent = features["frames/train/label/phone"] == 0
        loudness = np.abs(features["frames/probe_accuracy/train/module_0"]).sum(axis=1)
        assert loudness[silent].std() < loudness[~silent].std()
        assert len(features["label/test/speaker"]) == len(features["probe_accuracy/test/module_0"])
    assert not (folder.artifacts / "phones").exists()
    assert not (folder.artifacts / "probe_learning_rates.csv").exists()


@pytest.mark.parametrize("last", [1, 4])
def test_labels_are_not_laid_on_frames_of_another_length(tmp_path, monkeypatch, last):
    """Speakers are read all the same, with frames of 5 or of 20 ms."""
    strides = (5, 4, 2, 2, last)
    metrics, folder = run(tmp_path, monkeypatch, Spoken, strides, targets=("speaker",))
    assert "probe_accuracy/speaker/context" in metrics
    with np.load(folder.path / "features.npz") as features:
        assert not [key for key in features if key.startswith(("labelled/", "frames/test/label"))]
        assert len(features["frames/probe_accuracy/test/context"]) > 50
        assert list(features["classes/speaker"]) == list(SPEAKERS)


def test_phones_that_nobody_knows_are_refused(tmp_path, monkeypatch):
    with pytest.raises(UserError, match=r"probe.targets = 'phone': has no phone labels"):
        run(tmp_path, monkeypatch, Wordless)


class Timed(Wordless):
    """Windows of speakers, of which only a part sounds: the second quarter."""

    def probe_clips(self, split: Split) -> Clips:
        clips = super().probe_clips(split)
        sounding = np.tile(np.array([WINDOW // 4, WINDOW // 2]), (len(clips), 1))
        return replace(clips, spans={"sounding": sounding})


def test_thirds_and_frames_of_what_sounds_are_kept_with_labels_and_groups(tmp_path, monkeypatch):
    settings = {"targets": ("speaker",), "protocol": "converged", "pooling": "frames"}
    metrics, folder = run(tmp_path, monkeypatch, Timed, **settings)
    assert not [key for key in metrics if key.startswith("probe_")]
    assert metrics["accuracy/speaker/module_0"] > 0.7
    clips = Timed("spoken", "x", tmp_path).probe_clips("test")
    file = FeatureFile.read(folder.path)
    unit = FramesOf("speaker")
    inside = 5  # frames of 10 ms in a quarter of a window of 0.2 s
    assert len(file.codes(unit, MEANS, "test", "context")) == inside * len(clips)
    assert file.groups(unit, "test").tolist() == np.repeat(clips.groups, inside).tolist()
    wanted = np.repeat(clips.labels["speaker"], inside)
    assert file.labels(unit, "test", "speaker").tolist() == wanted.tolist()
    assert file.groups("clips", "test").tolist() == clips.groups.tolist()
    assert file.codes("thirds", MEANS, "test", "module_1").shape == (len(clips), 18)
    with pytest.raises(UserError, match="holds no thirds/probe_interpretability"):
        file.codes("thirds", SAMPLED, "test", "module_1")


def test_every_arm_is_read_at_the_same_frames() -> None:
    corpus = Timed("spoken", "x", Path())
    config = ProbeConfig(pooling="frames")
    draws = [
        draw_clip_frames(
            build_encoder(encoder_config(method, (5, 4, 2, 2, 2)), 0), corpus, config, 3
        )
        for method in ("gim", "sim")
    ]
    for unit in ("frames", FramesOf("sounding")):
        for split in ("train", "test"):
            assert np.array_equal(draws[0][split][unit], draws[1][split][unit])
