"""MLflow shows what the ledger holds: nested, complete, and once."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from sim_study.ledger.ledger import Ledger
from sim_study.tracking.delivered import FILE
from sim_study.tracking.projection import Projection
from tests.tracking.conftest import FakeStudy

NOWHERE = "http://127.0.0.1:9"


class Shown:
    """What a study's experiment holds, by run name."""

    def __init__(self, store: str, study: str) -> None:
        from mlflow import MlflowClient

        self.client = MlflowClient(tracking_uri=store)
        self.experiment = self.client.get_experiment_by_name(study)
        runs = self.client.search_runs([self.experiment.experiment_id])
        self.names = sorted(run.info.run_name for run in runs)
        self.runs = {run.info.run_name: run for run in runs}

    def status(self, name: str) -> str:
        return self.runs[name].info.status

    def tags(self, name: str) -> dict[str, str]:
        return self.runs[name].data.tags

    def metrics(self, name: str) -> dict[str, float]:
        return self.runs[name].data.metrics

    def history(self, name: str, key: str) -> list[tuple[int, float, int]]:
        rows = self.client.get_metric_history(self.runs[name].info.run_id, key)
        return sorted((row.step, row.value, row.timestamp) for row in rows)

    def artifacts(self, name: str, output: Path) -> list[str]:
        """Files of a run, where a server started on the output folder finds them."""
        location = self.runs[name].info.artifact_uri
        assert location.startswith("mlflow-artifacts:/")
        folder = output / "mlartifacts" / location.removeprefix("mlflow-artifacts:/")
        return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def projection(study, uri: str) -> Projection:
    return Projection(study.ledger, study.name, uri, description=study.description)


def deliver(study, store: str) -> Shown:
    outcome = projection(study, store).deliver()
    assert (outcome.pending, outcome.problem) == (0, None)
    return Shown(store, study.name)


def test_runs_nest_under_their_configuration_and_their_encoder(study, store):
    encoder = study.encoder("sim", 1)
    study.end(encoder)
    decoder = study.downstream(encoder, "decoder")
    study.end(decoder)
    shown = deliver(study, store)
    top, seed, below = (
        "sim kld_weight=0.01",
        "sim kld_weight=0.01 seed 1",
        "decoder module 1 mse_mel",
    )
    assert shown.names == [top, seed, f"{seed} {below}"]
    ids = {name: run.info.run_id for name, run in shown.runs.items()}
    assert "mlflow.parentRunId" not in shown.tags(top)
    assert shown.tags(seed)["mlflow.parentRunId"] == ids[top]
    assert shown.tags(f"{seed} {below}")["mlflow.parentRunId"] == ids[seed]
    assert shown.tags(f"{seed} {below}")["source_run_id"] == ids[seed]


def test_every_run_carries_the_tags_to_group_by(study, store):
    encoder = study.encoder("gim", 3, role="confirm")
    study.end(study.downstream(encoder, "decoder"))
    study.end(encoder)
    shown = deliver(study, store)
    tags = shown.tags("gim confirm seed 3 decoder module 1 mse_mel")
    expected = {
        "study": study.name,
        "arm": "gim",
        "stage": "decoder",
        "method": "gim",
        "config_hash": encoder.config_hash,
        "seed": "3",
        "role": "confirm",
        "module": "1",
        "corpus": "synthetic-speech",
        "corpus_fingerprint": study.description.corpus_fingerprint,
    }
    assert expected.items() <= tags.items()
    assert shown.tags("gim confirm")["stage"] == "configuration"
    dataset = shown.runs["gim confirm seed 3"].inputs.dataset_inputs[0].dataset
    assert (dataset.name, dataset.digest) == ("synthetic-speech", tags["corpus_fingerprint"])
    assert "Does it hold?" in shown.experiment.tags["mlflow.note.content"]


def test_parameters_are_the_resolved_configuration(study, store):
    encoder = study.encoder("gim", 1, kld_weight=0.5)
    study.end(encoder)
    study.end(study.downstream(encoder))
    shown = deliver(study, store)
    params = shown.runs["gim seed 1 probe"].data.params
    expected = {
        "method": "gim",
        "model.modules": "3",
        "model.split": "2-2-1",
        "model.channels": "4",
        "objective.kld_weight": "0.0",  # GIM has no KL term, whatever the file says
        "probe.epochs": "50",
        "seed": "1",
    }
    assert expected.items() <= params.items()


def test_curves_keep_step_and_time(study, store):
    encoder = study.encoder("gim", 1)
    study.report(encoder, 3.0, 2.0, 1.0)
    study.end(encoder, loss__module_0=1.0, online__vowel__mean=0.5)
    shown = deliver(study, store)
    began_ms = 1_700_000_000_000
    expected = [(0, 3.0, began_ms), (1, 2.0, began_ms + 1), (2, 1.0, began_ms + 2)]
    assert shown.history("gim seed 1", "loss/module_0") == expected
    assert shown.history("gim seed 1", "online/vowel/mean") == [(2, 0.5, began_ms + 10_000)]


def test_a_configuration_shows_mean_spread_and_n_of_finished_seeds(study, store):
    for seed, accuracy in ((1, 0.25), (2, 0.75)):
        study.end(study.encoder("gim", seed), online__vowel__mean=accuracy)
    study.end(study.encoder("gim", 3), status="diverged", reason="NaN", online__vowel__mean=9.0)
    shown = deliver(study, store)
    metrics = shown.metrics("gim")
    assert metrics["online/vowel/mean"] == pytest.approx(0.5)
    assert metrics["online/vowel/mean_sd"] == pytest.approx(0.5**0.5 / 2)
    assert metrics["n_seeds"] == 2
    assert shown.status("gim") == "FINISHED"


def test_search_and_confirm_seeds_are_not_averaged_together(study, store):
    study.end(study.encoder("gim", 1), online__vowel__mean=0.9)
    study.end(study.encoder("gim", 2, role="confirm"), online__vowel__mean=0.5)
    shown = deliver(study, store)
    assert shown.metrics("gim")["online/vowel/mean"] == 0.9
    assert shown.metrics("gim confirm")["online/vowel/mean"] == 0.5


def test_delivering_again_changes_nothing(study, store):
    encoder = study.encoder("gim", 1)
    study.report(encoder, 3.0, 2.0)
    study.end(encoder, loss__module_0=2.0)
    ours = projection(study, store)
    assert ours.deliver().delivered == 2
    before = Shown(store, study.name)
    assert ours.deliver().delivered == 0
    assert projection(study, store).deliver().delivered == 0
    after = Shown(store, study.name)
    assert after.names == before.names
    assert after.history("gim seed 1", "loss/module_0") == before.history(
        "gim seed 1", "loss/module_0"
    )


@pytest.mark.parametrize("left", [None, "{torn"])
def test_a_crash_before_the_records_are_written_duplicates_nothing(study, store, left):
    encoder = study.encoder("gim", 1)
    study.report(encoder, 3.0, 2.0)
    study.end(encoder, loss__module_0=2.0, online__vowel__mean=0.5)
    before = deliver(study, store)
    (study.folder.path / FILE).unlink()
    if left is not None:
        (study.folder.path / FILE).write_text(left)
    after = deliver(study, store)
    assert after.names == before.names
    for name in after.names:
        assert len(after.runs[name].inputs.dataset_inputs) == 1
        for key in after.metrics(name):
            assert after.history(name, key) == before.history(name, key)


def test_a_growing_curve_is_delivered_piece_by_piece(study, store):
    encoder = study.encoder("gim", 1)
    study.report(encoder, 3.0)
    ours = projection(study, store)
    ours.deliver()
    assert Shown(store, study.name).status("gim seed 1") == "RUNNING"
    study.report(encoder, 2.0, 1.0, first=1)
    ours.deliver()
    shown = Shown(store, study.name)
    assert [row[:2] for row in shown.history("gim seed 1", "loss/module_0")] == [
        (0, 3.0),
        (1, 2.0),
        (2, 1.0),
    ]


def test_points_reported_again_after_a_resume_appear_once(study, store):
    encoder = study.encoder("gim", 1)
    study.report(encoder, 3.0, 2.0)
    ours = projection(study, store)
    ours.deliver()
    study.trial(encoder).rewind(0)
    later = (
        study.trial(encoder)
        .curve()[0]
        .model_copy(
            update={"step": 1, "time_ms": 1_800_000_000_000, "metrics": {"loss/module_0": 2.0}}
        )
    )
    study.trial(encoder).report(later)
    study.report(encoder, 1.0, first=2)
    ours.deliver()
    shown = Shown(store, study.name)
    assert [row[0] for row in shown.history("gim seed 1", "loss/module_0")] == [0, 1, 2]


def test_an_unreachable_server_fails_quickly_and_loses_nothing(study, store):
    encoder = study.encoder("gim", 1)
    study.report(encoder, 3.0, 2.0)
    study.end(encoder, loss__module_0=2.0)
    unreachable = projection(study, NOWHERE)
    started = time.monotonic()
    outcome = unreachable.deliver()
    assert time.monotonic() - started < 10  # of which importing MLflow takes 2
    assert (outcome.delivered, outcome.pending) == (0, 1)
    assert NOWHERE in outcome.problem
    assert NOWHERE in unreachable.mark_stopped()
    shown = deliver(study, store)
    assert len(shown.history("gim seed 1", "loss/module_0")) == 2


def test_a_stopped_run_is_killed_reopened_and_finished(study, store):
    encoder = study.encoder("gim", 1)
    study.report(encoder, 3.0)
    ours = projection(study, store)
    ours.deliver()
    assert ours.mark_stopped() is None
    shown = Shown(store, study.name)
    assert {shown.status("gim"), shown.status("gim seed 1")} == {"KILLED"}

    again = projection(study, store)
    again.deliver()
    assert Shown(store, study.name).status("gim seed 1") == "KILLED"  # it has not gone on yet
    study.trial(encoder).begin(study.trial(encoder).trial())
    again.deliver()
    shown = Shown(store, study.name)
    assert {shown.status("gim"), shown.status("gim seed 1")} == {"RUNNING"}

    study.report(encoder, 2.0, first=1)
    study.end(encoder, loss__module_0=2.0)
    again.deliver()
    assert again.mark_stopped() is None
    shown = Shown(store, study.name)
    assert shown.names == ["gim", "gim seed 1"]
    assert {shown.status("gim"), shown.status("gim seed 1")} == {"FINISHED"}


@pytest.mark.parametrize("status", ["diverged", "failed"])
def test_a_run_that_did_not_finish_says_why(study, store, status):
    study.end(study.encoder("gim", 1), status=status, reason="loss/module_1 is NaN in epoch 2")
    shown = deliver(study, store)
    assert shown.status("gim seed 1") == "FAILED"
    assert shown.tags("gim seed 1")["reason"] == "loss/module_1 is NaN in epoch 2"
    assert shown.status("gim") == "FAILED"


def test_a_failed_trial_that_succeeds_at_last_is_one_finished_run(study, store):
    encoder = study.encoder("gim", 1)
    study.end(encoder, status="failed", reason="the machine went away")
    deliver(study, store)
    study.trial(encoder).begin(study.trial(encoder).trial())
    assert deliver(study, store).status("gim seed 1") == "RUNNING"
    study.end(encoder, online__vowel__mean=0.5)
    shown = deliver(study, store)
    assert shown.names == ["gim", "gim seed 1"]
    assert {shown.status("gim"), shown.status("gim seed 1")} == {"FINISHED"}
    assert "reason" not in shown.tags("gim seed 1")


def test_a_finished_trial_run_afresh_gets_a_fresh_run(study, store):
    encoder = study.encoder("gim", 1)
    study.report(encoder, 3.0, 2.0)
    study.end(encoder, loss__module_0=2.0)
    old = deliver(study, store).runs["gim seed 1"].info.run_id
    trial = study.trial(encoder).trial()
    study.trial(encoder).clear()
    study.trial(encoder).begin(trial)
    study.report(encoder, 2.9)
    shown = deliver(study, store)
    assert shown.names == ["gim", "gim seed 1"]
    assert shown.runs["gim seed 1"].info.run_id != old
    assert [row[:2] for row in shown.history("gim seed 1", "loss/module_0")] == [(0, 2.9)]


def test_a_run_left_running_by_a_kill_is_ended(study, store):
    encoder = study.encoder("gim", 1)
    projection(study, store).deliver()  # and then the driver is killed
    study.end(encoder)
    assert deliver(study, store).status("gim seed 1") == "FINISHED"


def test_artifacts_and_the_last_checkpoint_are_uploaded(study, store):
    encoder = study.encoder("gim", 1)
    folder = study.trial(encoder)
    for path in (folder.artifacts / "sounds" / "word.wav", folder.checkpoints / "last" / "m.json"):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x")
    study.end(encoder)
    shown = deliver(study, store)
    found = shown.artifacts("gim seed 1", study.ledger.output)
    assert found == ["checkpoint/m.json", "sounds/word.wav"]


def test_runs_of_replaced_settings_go_to_the_bin_and_those_of_other_folders_stay(study, store):
    old, new = study.encoder("sim", 1, kld_weight=0.1), study.encoder("sim", 1, kld_weight=0.2)
    for member in (old, study.downstream(old), new):
        study.end(member)
    assert len(deliver(study, store).names) == 5
    elsewhere = FakeStudy(study.ledger.output.with_name("elsewhere"), study.name)
    elsewhere.end(elsewhere.encoder("gim", 1))
    assert len(deliver(elsewhere, store).names) == 7
    study.folder.replace_members([new])
    ours, theirs = ["sim kld_weight=0.2", "sim kld_weight=0.2 seed 1"], ["gim", "gim seed 1"]
    assert deliver(study, store).names == theirs + ours
    study.folder.join(old)
    assert deliver(study, store).names == [*theirs, *_of(old), *ours], "shown again"


def _of(member):
    name = f"sim kld_weight={member.settings['objective.kld_weight']}"
    return name, f"{name} seed 1"


def test_a_waiting_trial_has_no_run(study, store):
    encoder = study.encoder("gim", 1)
    study.end(encoder)
    study.folder.join(encoder.model_copy(update={"trial_id": "0" * 16, "seed": 2}))
    shown = deliver(study, store)
    assert shown.names == ["gim", "gim seed 1"]
    assert shown.status("gim") == "RUNNING"


def test_one_unreadable_trial_does_not_hold_up_the_others(study, store):
    broken, sound = study.encoder("sim", 1), study.encoder("gim", 1)
    (study.trial(broken).path / "trial.json").write_text("{")
    study.end(sound)
    outcome = projection(study, store).deliver()
    assert outcome.pending > 0
    assert outcome.problem is not None
    assert Shown(store, study.name).names == ["gim", "gim seed 1"]


def test_a_study_without_members_delivers_nothing(study, store):
    assert projection(study, store).deliver().delivered == 0
    assert Ledger(study.ledger.output).studies() == []


def test_a_deleted_experiment_comes_back(study, store):
    study.end(study.encoder("gim", 1))
    shown = deliver(study, store)
    shown.client.delete_experiment(shown.experiment.experiment_id)
    assert deliver(study, store).experiment.lifecycle_stage == "active"
