import contextlib
import errno
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from sim_study.checkpoint import store
from sim_study.checkpoint.store import (
    load_encoder,
    read_checkpoint,
    write_checkpoint,
)
from sim_study.config.model import ModelConfig
from sim_study.config.train import ObjectiveConfig, OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig
from sim_study.errors import UserError
from sim_study.model.encoder import build_encoder
from sim_study.train.examples import Examples, unlabelled
from sim_study.train.loop import train

CONFIG = EncoderConfig(
    method="sim",
    model=ModelConfig(channels=4, context_channels=3, batch_norm=True),
    objective=ObjectiveConfig(prediction_steps=2, negatives=3),
    train=TrainConfig(epochs=2, batch_size=4),
    online_probe=OnlineProbeConfig(every_epochs=1),
)
METRICS = {"online/vowel/mean": 0.1 + 0.2, "loss/module_0": 1e-300}


@pytest.fixture(scope="module")
def trained():
    """The encoder after two epochs, and the state after each."""
    encoder, states = build_encoder(CONFIG, 5), []
    samples = np.random.default_rng(0).integers(-9000, 9000, (4, 3200)).astype(np.int16)
    train(
        encoder,
        unlabelled(samples),
        CONFIG,
        5,
        report=lambda *_: None,
        save=lambda state, _: states.append(state),
        probe=lambda _: {},
    )
    return encoder, states


@pytest.fixture
def states(trained):
    return trained[1]


def same(first, second):
    assert first.epoch == second.epoch
    for ours, theirs in ((first.modules, second.modules), (first.optimizers, second.optimizers)):
        assert ours.keys() == theirs.keys()
        for layer, tensors in ours.items():
            assert tensors.keys() == theirs[layer].keys()
            for name, tensor in tensors.items():
                assert tensor.dtype == theirs[layer][name].dtype
                assert torch.equal(tensor, theirs[layer][name])


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_is_written_is_read(tmp_path, states):
    write_checkpoint(tmp_path / "last", states[1], CONFIG, 5, METRICS)
    checkpoint = read_checkpoint(tmp_path / "last")
    same(checkpoint.state, states[1])
    assert (checkpoint.config, checkpoint.seed, checkpoint.metrics) == (CONFIG, 5, METRICS)
    assert [path.name for path in tmp_path.iterdir()] == ["last"]


def test_the_encoder_comes_back_in_evaluation_mode(tmp_path, trained):
    encoder, states = trained
    write_checkpoint(tmp_path / "last", states[1], CONFIG, 5, METRICS)
    loaded = load_encoder(tmp_path / "last")
    assert not loaded.training
    audio = torch.rand(2, 1, 3200) - 0.5
    encoder.eval()
    for layer, latents in encoder.encode(audio).items():
        assert torch.equal(latents, loaded.encode(audio)[layer])


def test_a_new_checkpoint_replaces_the_old_and_leaves_nothing_of_it(tmp_path, states):
    replaced, fresh = tmp_path / "replaced", tmp_path / "fresh"
    write_checkpoint(replaced, states[0], CONFIG, 5, {})
    write_checkpoint(replaced, states[1], CONFIG, 5, METRICS)
    write_checkpoint(fresh, states[1], CONFIG, 5, METRICS)
    assert content(replaced) == content(fresh)


def test_nothing_is_pickled(tmp_path, states):
    write_checkpoint(tmp_path / "last", states[1], CONFIG, 5, METRICS)
    names = {path.suffix for path in (tmp_path / "last").iterdir()}
    assert names == {".safetensors", ".json"}


class Crash(BaseException):
    """The process ends here; what is on the disk stays as it is."""


class CrashAt:
    """Counts the acts that change the disk and crashes before act number `number`."""

    def __init__(self, monkeypatch, number):
        self.left = number
        self.happened = False
        for owner, name in (
            (Path, "mkdir"),
            (Path, "rename"),
            (Path, "replace"),
            (Path, "unlink"),
            (store, "_write"),
            (store, "_sync_folder"),
        ):
            monkeypatch.setattr(owner, name, self._counted(getattr(owner, name)))
        # A dead process cleans nothing up.
        remove = shutil.rmtree
        monkeypatch.setattr(
            shutil, "rmtree", lambda *a, **k: None if self.happened else remove(*a, **k)
        )

    def _counted(self, act):
        def counted(*args, **kwargs):
            if self.left == 0:
                self.happened = True
                raise Crash
            self.left -= 1
            return act(*args, **kwargs)

        return counted


@pytest.mark.parametrize("replacing", [True, False])
def test_a_crash_at_any_moment_leaves_the_old_checkpoint_or_the_new(tmp_path, states, replacing):
    outcomes = []
    for number in range(100):
        folder = tmp_path / str(number) / "last"
        if replacing:
            write_checkpoint(folder, states[0], CONFIG, 5, {})
        with pytest.MonkeyPatch.context() as monkeypatch:
            crash = CrashAt(monkeypatch, number)
            with contextlib.suppress(Crash):
                write_checkpoint(folder, states[1], CONFIG, 5, METRICS)
        assert folder.exists() == (folder / "manifest.json").is_file()
        found = read_checkpoint(folder).state if folder.exists() else None
        outcomes.append(found.epoch if found else 0)
        if found:
            same(found, states[found.epoch - 1])
        write_checkpoint(folder, states[1], CONFIG, 5, METRICS)  # the next attempt heals
        assert len(list(folder.iterdir())) == 9
        assert [path.name for path in folder.parent.iterdir()] == ["last"]
        if not crash.happened:
            break
    assert outcomes == sorted(outcomes)
    assert outcomes[0] == (1 if replacing else 0)
    assert outcomes[-2:] == [2, 2]
    assert not crash.happened
    assert len(outcomes) > 10


def test_a_full_disk_leaves_the_old_checkpoint(tmp_path, states, monkeypatch):
    folder = tmp_path / "last"
    write_checkpoint(folder, states[0], CONFIG, 5, {})
    before = content(folder)
    calls = []

    def full(handle):
        calls.append(handle)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_checkpoint(folder, states[1], CONFIG, 5, METRICS)
    assert content(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["last"]


def test_any_tampered_file_is_named(tmp_path, states):
    folder = tmp_path / "last"
    write_checkpoint(folder, states[1], CONFIG, 5, METRICS)
    for path in list(folder.iterdir()):
        whole = path.read_bytes()
        flipped = bytearray(whole)
        flipped[len(whole) // 2] ^= 1
        path.write_bytes(flipped)
        with pytest.raises(UserError, match="is damaged") as caught:
            read_checkpoint(folder)
        assert caught.value.problems[0].place == str(path)
        path.write_bytes(whole)
    read_checkpoint(folder)


def test_any_missing_file_is_named(tmp_path, states):
    folder = tmp_path / "last"
    write_checkpoint(folder, states[1], CONFIG, 5, METRICS)
    for path in list(folder.iterdir()):
        away = path.rename(tmp_path / "away")
        with pytest.raises(UserError, match="is missing") as caught:
            load_encoder(folder)
        assert caught.value.problems[0].place == str(path)
        away.rename(path)


def test_a_newer_format_is_refused(tmp_path, states):
    folder = tmp_path / "last"
    write_checkpoint(folder, states[0], CONFIG, 5, {})
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["format"] = 99
    manifest["sha256"] = store._digest(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(UserError, match="format = 99: is newer than this version reads"):
        read_checkpoint(folder)


def test_an_untrained_encoder_can_be_stored(tmp_path):
    config = CONFIG.model_copy(update={"method": "random"})
    encoder, saved = build_encoder(config, 0), []
    train(
        encoder,
        unlabelled(np.zeros((1, 3200), np.int16)),
        config,
        0,
        report=lambda *_: None,
        save=lambda state, _: saved.append(state),
        probe=lambda _: {},
    )
    write_checkpoint(tmp_path / "last", saved[0], config, 0, {})
    same(read_checkpoint(tmp_path / "last").state, saved[0])


@pytest.mark.parametrize("method", ["cpc", "supervised"])
def test_an_encoder_trained_end_to_end_comes_back_with_its_head(tmp_path, method):
    config = CONFIG.model_copy(update={"method": method})
    samples = np.random.default_rng(0).integers(-9000, 9000, (4, 3200)).astype(np.int16)
    classes = 3 if method == "supervised" else None
    encoder, saved = build_encoder(config, 0, classes=classes), []
    train(
        encoder,
        Examples(samples, np.arange(4), np.array([0, 1, 2, 0]) if classes else None, classes),
        config,
        0,
        report=lambda *_: None,
        save=lambda state, _: saved.append(state),
        probe=lambda _: {},
    )
    write_checkpoint(tmp_path / "last", saved[-1], config, 0, {})
    same(read_checkpoint(tmp_path / "last").state, saved[-1])
    loaded = load_encoder(tmp_path / "last").state_dict()
    assert loaded.keys() == encoder.state_dict().keys()
    assert all(torch.equal(value, loaded[name]) for name, value in encoder.state_dict().items())
    assert ("head.weight" in loaded) == (method == "supervised")
