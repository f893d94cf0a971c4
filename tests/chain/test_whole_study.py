"""One command from a YAML file to a table, and what happens when it is interrupted."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import mlflow
import psutil
import pytest

from sim_study.ledger.ledger import Ledger, TrialFolder

pytestmark = pytest.mark.timeout(240)

SPACE = """
study: tiny
question: Does the chain hold?
corpus: {name: synthetic-speech, train_words: 48, test_words: 24}
arms: [gim, sim, random]
model: {channels: 6, context_channels: 4}
train: {epochs: 6, batch_size: 16, learning_rate: 1e-3}
online_probe: {every_epochs: 2}
space:
  objective.kld_weight: {loguniform: [1e-4, 1e-1], when: {arm: sim}}
search: {algorithm: tpe, configurations: 2, startup: 1, in_flight: 1}
seeds: {search: 2, confirm: 1}
downstream:
  probe: {epochs: 5}
  metrics: {permutations: 2}
  decoders: [{module: 1, epochs: 2, loss: mse, sounds: 1}]
"""

TRIALS = {"encoder": 11, "probe": 9, "metrics": 9, "decoder": 9}
"""gim 2 + sim 4 + random 2 searched, 3 confirmed; each arm's best has 3 seeds."""

Sweep = Callable[..., subprocess.Popen[str]]


@pytest.fixture(scope="session")
def space_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("space") / "tiny.yaml"
    path.write_text(SPACE, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def sweep(space_file: Path) -> Iterator[Sweep]:
    """Start the sweep command on an output folder; nothing it starts outlives the tests."""
    started: list[subprocess.Popen[str]] = []

    def start(output: Path, *options: str, **environment: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "sim_study.sweep", "--space", str(space_file)]
        process = subprocess.Popen(
            [*command, "--output", str(output), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=space_file.parent,
            env={**os.environ, "MLFLOW_TRACKING_URI": "", **environment},
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until something is so.

    Raises:
        AssertionError: It was not so in time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain for {what}"
        time.sleep(0.1)


def folders(output: Path) -> dict[str, TrialFolder]:
    """Every trial that has begun, by id."""
    ledger = Ledger(output)
    return {p.name: ledger.folder(p.name) for p in (output / "trials").glob("*")}


def ended(output: Path) -> set[str]:
    """Ids of the trials that have ended."""
    return {p.parent.name for p in (output / "trials").glob("*/result.json")}


def _finish(process: subprocess.Popen[str], seconds: float = 200) -> str:
    text, _ = process.communicate(timeout=seconds)
    return text


def _table(output: Path) -> dict[tuple[str, ...], tuple[str, str]]:
    path = output / "studies" / "tiny" / "summary.csv"
    with path.open(encoding="utf-8") as file:
        return {
            (row["configuration"], row["quantity"], row["target"], row["layer"]): (
                row["mean"],
                row["n"],
            )
            for row in csv.DictReader(file)
            if row["quantity"] != "seconds_per_step"
        }


def _runs(output: Path) -> list[mlflow.entities.Run]:
    client = mlflow.MlflowClient(f"sqlite:///{output / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("tiny")
    return list(client.search_runs([experiment.experiment_id], max_results=1000))


@pytest.fixture(scope="session")
def whole(sweep: Sweep, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A study that was never interrupted: its output folder and what it printed."""
    output = tmp_path_factory.mktemp("whole")
    process = sweep(output)
    text = _finish(process)
    assert process.returncode == 0, text
    return output, text


def test_every_planned_trial_ran_and_the_table_shows_each_arm(whole: tuple[Path, str]) -> None:
    output, text = whole
    stages = Counter(folder.trial().stage for folder in folders(output).values())
    assert stages == TRIALS
    results = [folder.result() for folder in folders(output).values()]
    assert all(result is not None and result.status == "finished" for result in results)
    table = text[text.rindex("started:") :]
    for word in ("gim", "sim kld_weight", "random", "Accuracy, mean code", "KL per frame"):
        assert word in table
    assert "-m sim_study.ui --study tiny --output" in text
    assert "-m analysis.compare tiny --output" in text


def test_other_libraries_are_silent_in_a_pipe(whole: tuple[Path, str]) -> None:
    lines = whole[1].splitlines()
    events = lines[: next(i for i, line in enumerate(lines) if "Online probe" in line)]
    told = [line for line in events if line.strip() and not line.startswith("synthetic-speech:")]
    assert all(line.startswith("[") for line in told), told


def test_mlflow_shows_every_trial_under_its_configuration(whole: tuple[Path, str]) -> None:
    runs = {run.info.run_id: run for run in _runs(whole[0])}
    assert {run.info.status for run in runs.values()} == {"FINISHED"}
    trials = [run for run in runs.values() if run.data.tags["stage"] != "configuration"]
    assert Counter(run.data.tags["stage"] for run in trials) == TRIALS
    for run in trials:
        parent = runs[run.data.tags["mlflow.parentRunId"]]
        expected = "configuration" if run.data.tags["stage"] == "encoder" else "encoder"
        assert parent.data.tags["stage"] == expected
        assert parent.data.tags["config_hash"] == run.data.tags["config_hash"]


def test_the_same_command_again_runs_nothing(whole: tuple[Path, str], sweep: Sweep) -> None:
    output, _ = whole
    before = {p: p.stat().st_mtime_ns for p in output.glob("trials/*/result.json")}
    table = _table(output)
    started = time.monotonic()
    process = sweep(output)
    text = _finish(process)
    assert process.returncode == 0, text
    assert time.monotonic() - started < 60
    assert "started:" not in text
    assert {p: p.stat().st_mtime_ns for p in output.glob("trials/*/result.json")} == before
    assert _table(output) == table


def test_a_killed_driver_loses_nothing(
    whole: tuple[Path, str], sweep: Sweep, tmp_path: Path
) -> None:
    process = sweep(tmp_path)
    wait_for(lambda: len(ended(tmp_path)) >= 3, 120, "three trials to end")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    time.sleep(6)  # Ray's processes notice and go
    before = {p: p.stat().st_mtime_ns for p in tmp_path.glob("trials/*/result.json")}
    assert 3 <= len(before) < sum(TRIALS.values())
    again = sweep(tmp_path)
    text = _finish(again)
    assert again.returncode == 0, text
    assert all(path.stat().st_mtime_ns == time_ns for path, time_ns in before.items())
    assert _table(tmp_path) == _table(whole[0])
    assert {run.info.status for run in _runs(tmp_path)} == {"FINISHED"}
    assert len(_runs(tmp_path)) == len(_runs(whole[0]))


def test_sigterm_saves_says_how_to_go_on_and_marks_runs(sweep: Sweep, tmp_path: Path) -> None:
    process = sweep(tmp_path, "--set", "train.epochs=3000")
    wait_for(
        lambda: any((f.checkpoints / "last").exists() for f in folders(tmp_path).values()),
        120,
        "an encoder's checkpoint",
    )
    second = sweep(tmp_path)
    refused = _finish(second)
    assert second.returncode == 2, refused
    assert "is being run by another process" in refused
    os.kill(process.pid, signal.SIGTERM)
    text = _finish(process, 60)
    assert process.returncode == 143, text
    assert "stopped by SIGTERM" in text
    assert "-m sim_study.sweep --space" in text[text.index("continue ") :]
    assert "--set train.epochs=3000" in text
    statuses = Counter(run.info.status for run in _runs(tmp_path))
    assert statuses["KILLED"] >= 1
    assert statuses["RUNNING"] == 0


def test_a_killed_worker_s_trial_goes_on(sweep: Sweep, tmp_path: Path) -> None:
    options = ["arms=[gim]", "space=null", "seeds=[1]", "train.epochs=200"]
    process = sweep(tmp_path, *(word for option in options for word in ("--set", option)))
    wait_for(
        lambda: any((f.checkpoints / "last").exists() for f in folders(tmp_path).values()),
        120,
        "an encoder's checkpoint",
    )
    family = psutil.Process(process.pid).children(recursive=True)
    workers = [child for child in family if "ImplicitFunc" in " ".join(child.cmdline())]
    assert len(workers) == 1
    workers[0].kill()
    text = _finish(process)
    assert process.returncode == 0, text
    encoder = folders(tmp_path)[_ids(tmp_path, "encoder")[0]]
    lines = (encoder.path / "curve.jsonl").read_text(encoding="utf-8").splitlines()
    assert [point.step for point in encoder.curve()] == list(range(201))
    assert len(lines) == 201, "the resumed trial reports no epoch twice"
    assert text.count("started: gim seed 1 encoder") == 2


def test_an_unreachable_tracking_server_costs_nothing(
    whole: tuple[Path, str], sweep: Sweep, tmp_path: Path
) -> None:
    small = ["--set", "arms=[gim]", "--set", "space=null", "--set", "seeds=[1]"]
    down = sweep(tmp_path, *small, MLFLOW_TRACKING_URI="http://127.0.0.1:9")
    text = _finish(down)
    assert down.returncode == 0, text
    assert "nothing is lost" in text
    assert len(ended(tmp_path)) == 4
    up = sweep(tmp_path, *small)
    text = _finish(up)
    assert up.returncode == 0, text
    assert "started:" not in text
    runs = _runs(tmp_path)
    assert Counter(run.data.tags["stage"] for run in runs)["encoder"] == 1
    assert {run.info.status for run in runs} == {"FINISHED"}
    curve = Ledger(tmp_path).folder(next(iter(_ids(tmp_path, "encoder")))).curve()
    client = mlflow.MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    encoder = next(run for run in runs if run.data.tags["stage"] == "encoder")
    history = client.get_metric_history(encoder.info.run_id, "nce/module_0")
    assert [point.step for point in history] == [p.step for p in curve if p.step > 0]


def _ids(output: Path, stage: str) -> list[str]:
    return [name for name, folder in folders(output).items() if folder.trial().stage == stage]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--set", "train.epoch=3"], "train.epoch: unknown key; did you mean 'epochs'?"),
        (["--set", "corpus={name: artificial-speech}"], "corpus"),
        (["--set", "corpus={name: artificial-speech, root: /nowhere}"], "/nowhere"),
        (["--set", "space={}"], "is empty"),
        (["--space", "klt.yaml"], "did you mean 'kld.yaml'?"),
    ],
)
def test_a_user_s_mistake_is_one_message_and_code_2(
    sweep: Sweep, tmp_path: Path, options: list[str], words: str
) -> None:
    process = sweep(tmp_path / "out", *options)
    text = _finish(process, 60)
    assert process.returncode == 2, text
    assert words in text
    assert "Traceback" not in text
    assert not list(tmp_path.glob("out/trials/*"))


def test_an_output_folder_under_a_file_is_named(sweep: Sweep, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    process = sweep(tmp_path / "file" / "out")
    text = _finish(process, 60)
    assert process.returncode == 2, text
    assert "file" in text
    assert "Traceback" not in text


def test_a_dry_run_writes_nothing(sweep: Sweep, tmp_path: Path) -> None:
    process = sweep(tmp_path / "out", "--dry-run")
    text = _finish(process, 60)
    assert process.returncode == 0, text
    assert "encoder    11 trials, 0 done" in text
    assert "38 trials, 38 to run" in text
    assert not (tmp_path / "out").exists()


def test_the_verbs_are_listed() -> None:
    text = subprocess.run(
        [sys.executable, "-m", "sim_study"], capture_output=True, text=True, check=True
    ).stdout
    for verb in ("sweep", "ui", "compare", "corpus", "verify"):
        assert verb in text
