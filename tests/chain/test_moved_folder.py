"""A copied or moved output folder is one of its own: swept, served, the original untouched."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(240)

SPACE = """
study: short
question: Does a copy stand on its own?
corpus: {name: synthetic-speech, train_words: 24, test_words: 12}
arms: [random]
model: {channels: 2, context_channels: 2}
seeds: 1
downstream: {probe: null, metrics: null}
"""


def _sweep(folder: Path, output: Path, *options: str) -> str:
    command = [sys.executable, "-m", "sim_study.sweep", "--space", "short.yaml"]
    done = subprocess.run(
        [*command, "--output", str(output), *options],
        cwd=folder,
        env={**os.environ, "MLFLOW_TRACKING_URI": ""},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _age(output: Path) -> None:
    """Write places as earlier versions did: whole paths, of this folder."""
    place = (output / "mlartifacts" / "short").as_uri()
    with closing(sqlite3.connect(output / "mlflow.db")) as database, database:
        database.execute(
            "UPDATE runs SET artifact_uri = replace(artifact_uri, 'mlflow-artifacts:/short', ?)",
            (place,),
        )
        database.execute(
            "UPDATE experiments SET artifact_location = ? WHERE name = 'short'", (place,)
        )
    records = output / "studies" / "short" / "mlflow.json"
    content = json.loads(records.read_text()) | {"uri": f"sqlite:///{output / 'mlflow.db'}"}
    records.write_text(json.dumps(content))


def _state(output: Path) -> dict[str, tuple[int, str]]:
    """Modification time and content of every file."""
    return {
        str(path): (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in output.rglob("*")
        if path.is_file()
    }


def _places(output: Path) -> dict[str, tuple[str, str]]:
    """Name and place of every run, by its id."""
    with closing(sqlite3.connect(output / "mlflow.db")) as database:
        rows = database.execute("SELECT run_uuid, name, artifact_uri FROM runs").fetchall()
    return {run_id: (name, place) for run_id, name, place in rows}


def _serves(output: Path, run_id: str) -> bytes:
    """A run's manifest as the UI of an output folder serves it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "sim_study.ui", "--output", str(output), "--port", str(port)]
    environment = {**os.environ, "MLFLOW_TRACKING_URI": ""}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as ui:
        try:
            assert ui.stdout is not None
            assert any(line.startswith("short: ") for line in iter(ui.stdout.readline, ""))
            query = f"path=checkpoint/manifest.json&run_uuid={run_id}"
            address = f"http://127.0.0.1:{port}/get-artifact?{query}"
            with urllib.request.urlopen(address, timeout=30) as answer:
                return bytes(answer.read())
        finally:
            ui.send_signal(signal.SIGTERM)


def test_a_copy_of_an_old_folder_goes_on_by_itself_and_is_served_wherever_it_lies(
    tmp_path: Path,
) -> None:
    (tmp_path / "short.yaml").write_text(SPACE, encoding="utf-8")
    original, copy, moved = tmp_path / "original", tmp_path / "copy", tmp_path / "deep" / "moved"
    _sweep(tmp_path, original)
    with closing(sqlite3.connect(original / "mlflow.db")) as database:
        assert not [row for row in database.iterdump() if str(tmp_path) in row]
    _age(original)
    before = _state(original)
    shutil.copytree(original, copy)
    printed = _sweep(tmp_path, copy, "--set", "seeds=2")
    assert "new in study short: seed 2" in printed
    assert _state(original) == before
    places, old = _places(copy), _places(original)
    assert {name for name, _ in places.values()} == {"random", "random seed 1", "random seed 2"}
    assert old.keys() < places.keys(), "the runs of before, and the new seed's"
    for run_id, (name, place) in places.items():
        assert place == f"mlflow-artifacts:/short/{run_id}/artifacts"
        kept = copy / "mlartifacts" / "short" / run_id / "artifacts" / "checkpoint/manifest.json"
        assert kept.exists() == ("seed" in name)
    records = (copy / "studies" / "short" / "mlflow.json").read_text()
    assert json.loads(records)["uri"] == "sqlite:///mlflow.db"
    moved.parent.mkdir()
    copy.rename(moved)
    shutil.rmtree(original)
    (seed_1,) = (run_id for run_id, (name, _) in places.items() if name == "random seed 1")
    manifest = moved / "mlartifacts" / "short" / seed_1 / "artifacts" / "checkpoint/manifest.json"
    assert _serves(moved, seed_1) == manifest.read_bytes()
