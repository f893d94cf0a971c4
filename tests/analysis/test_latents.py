"""Which encoder RUN names, and what is written for it."""

from __future__ import annotations

import re

import numpy as np
import pytest
from click.testing import CliRunner

from analysis.latents import main
from analysis.read.latent_runs import find_latents
from sim_study.config.trial import Trial
from sim_study.config.views import ViewsConfig
from sim_study.errors import UserError
from sim_study.ledger.records import Result

LAYERS = ("module_0", "context")


@pytest.fixture(scope="module")
def study(fabricate):
    """The fabricated study, whose winning sim encoder of seed 0 has also kept its codes."""
    made = fabricate()
    probe = made.ledger.folder(member_of(made, "sim", 0, "probe").trial_id)
    random = np.random.default_rng(0)
    arrays = {}
    for split in ("train", "test"):
        labels = np.arange(60) % 3
        arrays[f"label/{split}/vowel"] = labels
        for protocol in ("probe_accuracy", "probe_interpretability"):
            for layer in LAYERS:
                codes = random.standard_normal((60, 16)) + np.outer(labels, np.eye(16)[3])
                arrays[f"{protocol}/{split}/{layer}"] = codes.astype(np.float32)
                arrays[f"frames/{protocol}/{split}/{layer}"] = codes.astype(np.float32)
    np.savez(probe.path / "features.npz", **arrays)
    weights = {f"probe_interpretability/vowel/{layer}": np.eye(3, 16) for layer in LAYERS}
    classes = {"classes/vowel": np.array(["a", "i", "u"])}
    np.savez(probe.artifacts / "probe_weights.npz", **weights, **classes)
    return made


def member_of(made, arm, seed, stage, weight=0.001):
    settings = {"objective.kld_weight": weight} if arm == "sim" else {}
    return next(
        one
        for one in made.members
        if (one.arm, one.seed, one.stage, one.settings) == (arm, seed, stage, settings)
    )


def names(study, run):
    return [one.name for one in find_latents(study.ledger, run)]


def test_a_study_is_every_arms_best_by_its_first_seed(study):
    assert names(study, "kld") == ["kld_gim_seed_0", "kld_sim_seed_0", "kld_random_seed_0"]
    best = find_latents(study.ledger, "kld:sim")[0]
    assert best.encoder.trial_id == member_of(study, "sim", 0, "encoder").trial_id
    assert best.probe.trial_id == member_of(study, "sim", 0, "probe").trial_id
    assert names(study, "kld:sim:2") == ["kld_sim_seed_2"]


def test_every_trial_leads_to_its_encoder_and_that_to_its_probe(study):
    ids = {s: member_of(study, "gim", 1, s).trial_id for s in ("encoder", "probe", "metrics")}
    ids["decoder"] = member_of(study, "gim", 1, "decoder").trial_id
    for trial_id in ids.values():
        (one,) = find_latents(study.ledger, trial_id)
        assert (one.encoder.trial_id, one.probe.trial_id) == (ids["encoder"], ids["probe"])
    (one,) = find_latents(study.ledger, ids["probe"][:10])  # how its name begins
    assert one.name == ids["probe"]


def test_a_views_trial_is_drawn_as_it_was(study):
    probe = member_of(study, "sim", 1, "probe")
    config = ViewsConfig(draw=("tsne",))
    trial = Trial(
        stage="views", config=config, seed=1, corpus_fingerprint="f" * 16, upstream=probe.trial_id
    )
    folder = study.ledger.folder(trial.trial_id)
    folder.begin(trial)
    (one,) = find_latents(study.ledger, trial.trial_id)
    assert (one.config, one.probe.trial_id) == (config, probe.trial_id)


def test_the_confirmed_seeds_come_first(fabricate):
    made = fabricate(confirm=(7, 8), name="confirmed")
    assert names(made, "confirmed:gim") == ["confirmed_gim_seed_7"]


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ("kdl", r"RUN = 'kdl': is no study and no trial; did you mean 'kld'\? studies here: kld"),
        ("abcdef0123456789", r"is no study and no trial; studies here: kld"),
        ("kld:sin", r"study kld: RUN = 'kld:sin': no such arm; did you mean 'sim'\? arms: gim, s"),
        ("kld:sim:9", r"no finished probe trial of a best configuration; seeds with probes: 0, 1,"),
        ("kld:sim:1:2", r"must be STUDY, STUDY:ARM or STUDY:ARM:SEED"),
    ],
)
def test_what_there_is_not_is_named_with_what_there_is(study, run, words):
    with pytest.raises(UserError, match=words):
        find_latents(study.ledger, run)


def test_a_beginning_that_several_trials_share_is_not_enough(study, tmp_path):
    ledger = type(study.ledger)(tmp_path)
    trial = study.ledger.folder(member_of(study, "gim", 1, "probe").trial_id).trial()
    for name in ("abcd1111", "abcd2222"):
        ledger.folder(name).begin(trial)
    with pytest.raises(UserError, match="is how 2 trials begin; such as abcd1111, abcd2222"):
        find_latents(ledger, "abcd")


def test_an_encoder_without_a_finished_probe_is_said_to_have_kept_nothing(fabricate):
    made = fabricate(name="lost")
    probe = made.ledger.folder(member_of(made, "gim", 1, "probe").trial_id)
    probe.end(Result(status="failed", reason="a full disk"))
    with pytest.raises(UserError, match="has no finished probe trial: its codes were not kept"):
        find_latents(made.ledger, member_of(made, "gim", 1, "encoder").trial_id)
    with pytest.raises(UserError, match="is a probe trial that has not finished"):
        find_latents(made.ledger, probe.trial_id)


def test_the_verb_writes_a_page_and_says_where(study, tmp_path):
    arguments = ["kld:sim", "--output", str(study.ledger.output), "--to", str(tmp_path)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    folder = tmp_path / "kld_sim_seed_0"
    assert re.search(r"sim, seed 0: .*kld_sim_seed_0/index.html \(9 pictures", done.output)
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert page.count("<img") == len(list(folder.rglob("*.png"))) == 9
    assert "KL weight 0.001" in page
    assert len(list((folder / "weights").glob("*.npy"))) == 2  # one target, two layers


def test_a_mistake_ends_with_code_2(study):
    done = CliRunner().invoke(main, ["kdl", "--output", str(study.ledger.output)])
    assert done.exit_code == 2
    assert "error: " in done.output
