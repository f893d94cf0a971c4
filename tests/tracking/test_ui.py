"""The verb that opens the MLflow UI."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest
from click.testing import CliRunner

from sim_study.tracking.projection import Projection
from sim_study.ui import main


@pytest.fixture(autouse=True)
def _no_configured_store(monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def run(*arguments: str):
    return CliRunner().invoke(main, arguments)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_an_output_folder_without_studies_is_an_error(tmp_path):
    result = run("--output", str(tmp_path))
    assert result.exit_code == 2
    assert "holds no study; run python -m sim_study.sweep first" in result.output


def test_a_misspelt_study_gets_a_hint(study):
    study.encoder("gim", 1)
    result = run("--output", str(study.ledger.output), "--study", study.name + "x")
    assert result.exit_code == 2
    assert f"no such study; did you mean '{study.name}'?" in result.output


def test_a_missing_store_is_an_error(study):
    study.encoder("gim", 1)
    result = run("--output", str(study.ledger.output))
    assert result.exit_code == 2
    assert "mlflow.db: no such store" in result.output


def test_a_taken_port_is_an_error(study):
    study.encoder("gim", 1)
    (study.ledger.output / "mlflow.db").touch()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("--output", str(study.ledger.output), "--port", str(port))
    assert result.exit_code == 2
    assert f"--port: {port}: is in use; try --port {port + 1}" in result.output


def test_the_ui_answers_takes_a_delivery_and_closes(study, tmp_path):
    output, port = study.ledger.output, free_port()
    study.end(study.encoder("gim", 1), online__vowel__mean=0.5)
    store = f"sqlite:///{output / 'mlflow.db'}"
    local = Projection(study.ledger, study.name, store, description=study.description)
    assert local.deliver().problem is None
    command = [sys.executable, "-m", "sim_study.ui", "--output", str(output), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as ui:
        try:
            lines = iter(ui.stdout.readline, "")
            address = next(line for line in lines if line.startswith(f"{study.name}: "))
            root = f"http://127.0.0.1:{port}"
            assert re.search(rf"{root}/#/experiments/\d+/runs\?", address)
            assert urllib.request.urlopen(root, timeout=30).status == 200

            other = type(study)(tmp_path / "other", "over-the-network")
            encoder = other.encoder("gim", 1)
            artifact = other.trial(encoder).artifacts / "figure.png"
            artifact.parent.mkdir()
            artifact.write_bytes(b"x")
            other.report(encoder, 2.0)
            other.end(encoder, loss__module_0=2.0)
            remote = Projection(other.ledger, other.name, root, description=other.description)
            assert remote.deliver().problem is None
            assert list((output / "mlartifacts").rglob("figure.png"))
        finally:
            ui.send_signal(signal.SIGTERM)
        assert ui.wait(30) == 0
