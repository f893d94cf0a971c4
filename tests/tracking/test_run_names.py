"""Names, parameters, tags, colours and the page's view: pure functions, known answers."""

from __future__ import annotations

import json

import pytest

from sim_study.config.decoder import DecoderConfig
from sim_study.config.model import ModelConfig
from sim_study.config.trial import Trial
from sim_study.ledger.records import Member, Result
from sim_study.tracking.experiment_page import comparison_path, experiment_path, shared_view
from sim_study.tracking.names import (
    configuration_key,
    configuration_name,
    encoder_params,
    is_configuration_key,
    key_of,
    run_colour,
    trial_key,
    trial_name,
)
from sim_study.tracking.reading import over_seeds


def member(stage: str = "encoder", seed: int = 1, **settings) -> Member:
    named = {key.replace("__", "."): value for key, value in settings.items()}
    return Member(
        trial_id=f"{stage}{seed}",
        arm="sim",
        number=0,
        config_hash="c",
        stage=stage,
        seed=seed,
        settings=named,
    )


def finished(**metrics: float) -> Result:
    return Result(status="finished", metrics=metrics)


def test_a_configuration_is_called_by_its_settings():
    assert configuration_name(member(), "search") == "sim"
    searched = member(objective__kld_weight=0.0123456, model__split=[2, 2, 1])
    assert configuration_name(searched, "search") == "sim kld_weight=0.01235 split=2-2-1"
    assert configuration_name(searched, "confirm").endswith(" confirm")


@pytest.mark.parametrize("loss", ["mse", "mse_mel"])
def test_a_decoder_is_called_by_its_module_and_loss(loss):
    config = DecoderConfig(module=1, loss=loss)
    trial = Trial(stage="decoder", config=config, seed=1, corpus_fingerprint="f", upstream="e")
    assert trial_name(member("decoder"), "search", trial) == f"sim seed 1 decoder module 1 {loss}"


def test_settings_with_the_same_last_segment_keep_their_whole_key():
    searched = member(train__epochs=3, probe__epochs=5)
    assert configuration_name(searched, "search") == "sim train.epochs=3 probe.epochs=5"


@pytest.mark.parametrize(("split", "modules"), [((5,), "1"), ((1, 1, 1, 1, 1), "5")])
def test_the_module_count_follows_from_the_split(study, split, modules):
    config = study.config("sim").model_copy(update={"model": ModelConfig(split=split)})
    params = encoder_params(config)
    assert params["model.modules"] == modules
    assert params["model.split"] == "-".join(str(layers) for layers in split)


def test_a_run_is_found_by_its_tags():
    tags = {"arm": "sim", "config_hash": "c", "role": "search", "trial_id": "t"}
    assert key_of({**tags, "stage": "configuration"}) == configuration_key("sim", "c", "search")
    assert key_of({**tags, "stage": "probe"}) == trial_key("sim", "t")
    assert key_of({"mlflow.runName": "somebody else's"}) is None
    assert is_configuration_key(configuration_key("sim", "c", "confirm"))
    assert not is_configuration_key(trial_key("sim", "t"))


def test_one_seed_has_a_mean_and_no_spread():
    assert over_seeds([(member(), finished(a=2.0))]) == {"a": 2.0, "n_seeds": 1}


def test_later_stages_are_counted_and_win_over_the_encoders_curve():
    results = [
        (member(seed=1), finished(kl_nats=1.0)),
        (member(seed=2), finished(kl_nats=3.0)),
        (member("metrics", seed=1), finished(kl_nats=10.0)),
        (member("metrics", seed=2), Result(status="failed", reason="x", metrics={"kl_nats": 0})),
    ]
    assert over_seeds(results) == {"kl_nats": 10.0, "n_seeds": 2, "n_seeds/metrics": 1}


def test_no_finished_seed_is_n_zero():
    assert over_seeds([(member(), Result(status="diverged", reason="NaN"))]) == {"n_seeds": 0}


def test_the_page_shows_settings_seeds_and_accuracies_but_no_spreads():
    accuracies = ("probe_accuracy/vowel/module_0", "accuracy/vowel/module_0")
    metrics = ["loss/module_0", *accuracies, "probe_accuracy/vowel/module_0_sd"]
    view = json.loads(shared_view(["objective.kld_weight"], metrics))
    assert view["selectedColumns"] == [
        "params.`objective.kld_weight`",
        "tags.`seed`",
        "metrics.`n_seeds`",
        "metrics.`accuracy/vowel/module_0`",
        "metrics.`probe_accuracy/vowel/module_0`",
    ]
    assert set(view["selectedColumns"]) < set(view["columnOrder"]) == set(view["columnWidths"])


def test_addresses_are_ready_for_a_browser():
    assert experiment_path("7", has_view=False).startswith("/#/experiments/7/runs?")
    assert "viewStateShareKey=study" in experiment_path("7", has_view=True)
    expected = "/#/compare-runs?runs=%5B%22a%22%2C%20%22b%22%5D&experiments=%5B%227%22%5D"
    assert comparison_path("7", ["a", "b"]) == expected


def test_colours_tell_arms_and_configurations_apart():
    grey = run_colour("random", "random", 0)
    assert grey[1:3] == grey[3:5] == grey[5:7]
    colours = {run_colour(arm, arm, number) for arm in ("gim", "sim") for number in range(5)}
    assert len(colours) == 10
    assert run_colour("sim", "sim", 1) == run_colour("sim", "sim", 1)
