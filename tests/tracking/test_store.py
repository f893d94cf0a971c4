"""Which store is used, and how quickly an unreachable one is noticed."""

from __future__ import annotations

import socket
import time

import pytest

from sim_study.errors import UserError
from sim_study.tracking.locations import folder_of, location_of
from sim_study.tracking.store import (
    artifact_folder,
    check_answers,
    recorded,
    reopened,
    sqlite_file,
    tracking_uri,
    without_password,
)


def test_the_configured_store_wins_over_the_environment_over_the_default(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://environment:5000")
    assert tracking_uri("http://configured:5000", tmp_path) == "http://configured:5000"
    assert tracking_uri(None, tmp_path) == "http://environment:5000"
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    default = tracking_uri(None, tmp_path)
    assert default == f"sqlite:///{tmp_path}/mlflow.db"
    assert sqlite_file(default) == tmp_path / "mlflow.db"


def test_a_store_in_the_output_folder_is_recorded_from_there_and_found_after_a_move(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    there.mkdir()
    (there / "mlflow.db").touch()
    assert recorded(tracking_uri(None, here), here) == "sqlite:///mlflow.db"
    own = f"sqlite:///{there}/mlflow.db"
    for address in ("sqlite:///mlflow.db", f"sqlite:///{here}/mlflow.db"):
        assert reopened(address, there) == own, "also as earlier versions wrote it"
    for other in (f"sqlite:///{tmp_path}/team.db", "http://host:5000"):
        assert reopened(recorded(other, here), there) == other


def test_an_experiment_elsewhere_is_not_written_to(tmp_path):
    assert folder_of(location_of("kld"), tmp_path) == tmp_path / "kld"
    assert folder_of((tmp_path / "kld").as_uri(), tmp_path) == tmp_path / "kld"
    assert folder_of("s3://bucket/kld", tmp_path) is None
    for place in ("file:///elsewhere/mlartifacts/kld", "mlflow-artifacts:/../kld"):
        with pytest.raises(UserError, match="keeps its artifacts there, outside"):
            folder_of(place, tmp_path)


@pytest.mark.parametrize("uri", ["file:///tmp/mlruns", "mlruns", "/tmp/mlruns"])
def test_a_folder_is_refused_with_what_to_write_instead(tmp_path, uri):
    with pytest.raises(UserError, match=r"tracking\.uri: .*must be the address.*sqlite:////"):
        tracking_uri(uri, tmp_path)


def test_a_tracking_server_keeps_the_artifacts_itself(tmp_path):
    assert artifact_folder("http://host:5000", tmp_path) is None
    assert artifact_folder("sqlite:///x.db", tmp_path) == tmp_path / "mlartifacts"


def test_a_silent_database_server_is_noticed_quickly():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        port = taken.getsockname()[1]
        started = time.monotonic()
        with pytest.raises(OSError):  # noqa: PT011  the operating system words it
            check_answers(f"postgresql://user:secret@127.0.0.1:{port}/runs")
        assert time.monotonic() - started < 5


def test_a_store_in_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        check_answers(f"sqlite:///{tmp_path}/file/mlflow.db")


def test_passwords_are_blotted_out():
    text = "could not reach postgresql://me:secret@host/db"
    assert without_password(text) == "could not reach postgresql://***@host/db"
