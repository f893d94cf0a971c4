"""Every arm's encoder trains, reports what a search may ask for, and can be taken up again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim_study.checkpoint.store import load_encoder
from sim_study.config.method import Method
from sim_study.config.trial import Trial
from sim_study.data.corpus import Corpus
from sim_study.downstream.probes.online_probe import OnlineProbe
from sim_study.ledger.ledger import Ledger, TrialFolder
from sim_study.ledger.records import Result
from sim_study.space.laws import reported
from sim_study.space.resolve import resolve
from sim_study.space.spec import Arm, Spec
from sim_study.study.run.execute import execute
from sim_study.train.examples import examples_of


@pytest.fixture
def spec(tiny_spec: Spec) -> Spec:
    arms = {
        "gim": Arm(),
        "cpc": Arm(),
        "plain_cpc": Arm(method="cpc", set={"model.modules": 1}),
        "supervised": Arm(set={"objective.supervised_target": "syllable"}),
        "random": Arm(),
    }
    return tiny_spec.model_copy(update={"arms": arms})


def trial_of(spec: Spec, arm: str, corpus: Corpus) -> Trial:
    config = resolve(spec, arm, {}, "here")
    return Trial(stage="encoder", config=config, seed=1, corpus_fingerprint=corpus.fingerprint)


def run(trial: Trial, output: Path, corpus: Corpus, stop_after: int | None = None) -> Result:
    def report(step: int, metrics: dict[str, float]) -> None:
        if stop_after is not None and step > stop_after:
            raise KeyboardInterrupt

    return execute(trial, output, corpus.folder, cpus=1, device="cpu", report=report)


def folder_of(trial: Trial, output: Path) -> TrialFolder:
    return Ledger(output).folder(trial.trial_id)


@pytest.mark.parametrize("arm", ["gim", "cpc", "plain_cpc", "supervised", "random"])
def test_an_arm_reports_what_it_must_and_leaves_a_readable_encoder(
    arm: str, spec: Spec, output: Path, tiny_corpus: Corpus
) -> None:
    trial = trial_of(spec, arm, tiny_corpus)
    result = run(trial, output, tiny_corpus)
    assert result.status == "finished", result.reason
    assert set(reported(resolve(spec, arm, {}, "here"))) <= set(result.metrics)
    encoder = load_encoder(folder_of(trial, output).checkpoints / "last")
    layers = {"plain_cpc": ("module_0", "context")}
    assert encoder.layer_names == layers.get(arm, ("module_0", "module_1", "module_2", "context"))
    assert (encoder.head is not None) == (arm == "supervised")
    if encoder.head is not None:
        assert encoder.head.out_features == 9


@pytest.mark.parametrize("arm", ["cpc", "supervised"])
def test_taken_up_again_it_is_as_if_never_interrupted(
    arm: str, spec: Spec, output: Path, tiny_corpus: Corpus
) -> None:
    trial = trial_of(spec, arm, tiny_corpus)
    with pytest.raises(KeyboardInterrupt):
        run(trial, output / "stopped", tiny_corpus, stop_after=2)
    resumed = run(trial, output / "stopped", tiny_corpus)
    whole = run(trial, output / "whole", tiny_corpus)
    for key, value in whole.metrics.items():
        if not key.startswith("seconds"):
            assert resumed.metrics[key] == value, key


def test_what_a_supervised_encoder_is_told_is_not_what_the_search_scores(
    spec: Spec, tiny_corpus: Corpus
) -> None:
    config = resolve(spec, "supervised", {}, "here")
    told = examples_of(tiny_corpus, config)
    probe = OnlineProbe(tiny_corpus, config.online_probe)
    assert np.array_equal(told.rows, probe.examples.fitted)
    assert not set(told.rows) & set(probe.examples.held_out)


@pytest.mark.parametrize("method", ["gim", "sim", "cpc", "random"])
def test_the_others_have_the_same_name_whatever_the_target(method: Method, spec: Spec) -> None:
    config = resolve(spec, "gim", {}, "here").model_copy(update={"method": method})
    objective = config.objective.model_copy(update={"supervised_target": "consonant"})
    assert config.model_copy(update={"objective": objective}).config_hash == config.config_hash
    supervised = config.model_copy(update={"method": "supervised"})
    other = supervised.model_copy(update={"objective": objective})
    assert other.config_hash != supervised.config_hash
