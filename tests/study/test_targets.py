"""What every target must do. A new one is tested here once it is in the list of targets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim_study.config.model import ModelConfig
from sim_study.config.probe import PhoneProbeConfig, ProbeConfig, Protocol
from sim_study.config.train import ObjectiveConfig, OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig, Trial
from sim_study.config.views import ViewsConfig
from sim_study.data.corpora import CORPORA
from sim_study.data.corpus import Corpus
from sim_study.downstream.probes.online_probe import OnlineProbe
from sim_study.ledger.ledger import Ledger
from sim_study.ledger.probe_trial import read_probe_trial
from sim_study.metrics.catalogue import describe
from sim_study.model.encoder import build_encoder
from sim_study.naming.targets import TARGETS, Target
from sim_study.study.stages import probe_stage
from sim_study.study.stages.bench import Bench
from sim_study.train.examples import examples_of
from sim_study.views.show import write_views
from tests.study.spoken import Spoken

LAYERS = ["module_0", "module_1", "module_2", "context"]


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest) -> Target:
    found: Target = request.param
    return found


@pytest.fixture
def corpus(target: Target, tiny_corpus: Corpus, tmp_path: Path) -> Corpus:
    """One that has labels of the target: of syllables, or of utterances and their phones."""
    spoken = Spoken("spoken", "x", tmp_path)
    for one in (tiny_corpus, spoken):
        utterances = one.utterances("train")
        of_frames = () if utterances is None else utterances.classes
        if target in (*one.probe_clips("train").labels, *of_frames):
            return one
    pytest.fail(f"no corpus of this test has labels of {target}")


def encoder_config(method: str, target: Target) -> EncoderConfig:
    return EncoderConfig(
        method=method,  # type: ignore[arg-type]
        model=ModelConfig(channels=6, context_channels=4),
        objective=ObjectiveConfig(supervised_target=target),
        train=TrainConfig(crop_samples=1_600),
        online_probe=OnlineProbeConfig(target=target),
    )


def test_a_corpus_promises_it(target: Target) -> None:
    assert any(target in kind.facts.targets for kind in CORPORA.values())


OLD, NEW = ("probe_accuracy", "probe_interpretability"), ("accuracy", "accuracy_sampled")
REPORTED: dict[Protocol, tuple[str, ...]] = {
    "converged": NEW,
    "paper": (*OLD, *NEW),
    "paper_only": OLD,
}


@pytest.mark.parametrize("protocol", REPORTED)
def test_it_is_probed_kept_and_drawn(
    target: Target,
    protocol: Protocol,
    corpus: Corpus,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoder = build_encoder(encoder_config("sim", target), 0)
    monkeypatch.setattr(probe_stage, "load_encoder", lambda path: encoder)
    phone = PhoneProbeConfig(epochs=1)
    config = ProbeConfig(
        targets=(target,), protocol=protocol, epochs=2, phone=phone, standardise=True
    )
    trial = Trial(stage="probe", config=config, seed=1, corpus_fingerprint="x", upstream="none")
    ledger = Ledger(tmp_path)
    folder = ledger.folder(trial.trial_id)
    folder.begin(trial)
    found = probe_stage.run_probe(trial, config, Bench(ledger, folder, corpus, "cpu", print))
    read = {f"{one}/{target}/{layer}" for one in (*OLD, *NEW) for layer in LAYERS}
    wanted = {f"{one}/{target}/{layer}" for one in REPORTED[protocol] for layer in LAYERS}
    assert read & set(found) == wanted
    assert f"chance/{target}/all" in found
    for key, value in found.items():
        assert describe(key).contains(value), key
    kept = read_probe_trial(folder)
    assert kept.weights.targets == [target]
    assert kept.sampled_probe(target, "context").converged == (protocol != "paper_only")
    assert len(kept.classes(target)) > 1
    views = ViewsConfig(draw=("weights",), clips=50)
    write_views(tmp_path / "views", kept, views, 1, "a sim", "Of a test.")
    pictures = {path.name for path in (tmp_path / "views").rglob("*.png")}
    assert pictures == {f"{target}_{one}.png" for one in (*LAYERS, "carriers")}


def test_a_search_can_be_led_by_it(target: Target, corpus: Corpus) -> None:
    probe = OnlineProbe(corpus, OnlineProbeConfig(target=target, validation_fraction=0.3))
    scores = probe(build_encoder(encoder_config("gim", target), 0))
    assert list(scores) == [f"online/{target}/{name}" for name in [*LAYERS, "mean"]]
    for key, value in scores.items():
        assert describe(key).contains(value), key


def test_a_supervised_encoder_can_learn_it(target: Target, corpus: Corpus) -> None:
    found = examples_of(corpus, encoder_config("supervised", target))
    assert found.classes is not None
    assert found.classes > 1
    assert found.labels is not None
    if isinstance(found.labels, np.ndarray):  # of clips
        assert set(found.labels[found.rows]) <= set(range(found.classes))
