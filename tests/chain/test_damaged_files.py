"""A truncated file of the ledger is named with what to do about it; never a bare fault."""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click import Command
from click.testing import CliRunner, Result

from analysis.compare import main as compare
from sim_study.data.prepare import prepare
from sim_study.space.load import load
from sim_study.sweep import main as sweep
from sim_study.ui import main as ui

pytestmark = pytest.mark.timeout(240)

STORED = Path(__file__).resolve().parents[1] / "stored_ledger"


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished study of every stage, and its corpus."""
    output = tmp_path_factory.mktemp("stored")
    with tarfile.open(STORED / "ledger.tar.xz") as archive:
        archive.extractall(output, filter="data")
    prepare(load(str(STORED / "space.yaml"))[0].corpus, output, lambda text: None)
    return output


@pytest.fixture
def output(stored: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The study, put right again after the test."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    kept = {path: path.read_bytes() for path in stored.rglob("*.[jn]*") if path.is_file()}
    yield stored
    for path, content in kept.items():
        path.write_bytes(content)


def _run(verb: Command, output: Path) -> Result:
    words = {
        "sweep": ["--space", str(STORED / "space.yaml")],
        "compare": ["old"],
        "ui": [],
    }
    name = {sweep: "sweep", compare: "compare", ui: "ui"}[verb]
    return CliRunner().invoke(verb, [*words[name], "--output", str(output)], terminal_width=1000)


NAMED = {
    ("result.json", compare): "the trial goes on from what it has kept",
    ("result.json", sweep): "the trial goes on from what it has kept",
    ("trial.json", compare): "the trial runs anew",
    ("curve.jsonl", compare): "the trial runs anew",
    ("features.npz", sweep): "the trial runs anew",
    ("study.json", compare): "it is written anew",
    ("members.jsonl", compare): "it makes the list anew",
}


@pytest.mark.parametrize(("name", "verb"), NAMED)
def test_a_truncated_file_is_named_with_what_to_do(output: Path, name: str, verb: Command) -> None:
    paths = sorted(output.rglob(name))  # which of them a verb comes to first is its own affair
    for path in paths:
        path.write_bytes(path.read_bytes()[:-40])
    done = _run(verb, output)
    assert done.exit_code == 2, done.output
    named = re.search(r"error: (\S+): is damaged \(", done.output)
    assert named is not None, done.output
    assert Path(named[1]) in paths
    assert NAMED[name, verb] in done.output
    assert "give the sweep's command again" in done.output


@pytest.mark.parametrize("name", ["members.jsonl", "proposals.jsonl"])
def test_a_list_that_a_crash_has_torn_is_mended_by_the_sweep_which_says_so(
    output: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = output / "studies" / "old" / name
    before = path.read_bytes()
    path.write_bytes(before[:-40])
    done = _run(sweep, output)
    assert done.exit_code == 0, done.output
    last = len(before.splitlines())
    said = capfd.readouterr().out
    assert f"{path}: line {last} is torn; mended" in said
    assert "84 of them done before" in said
    assert _lines(path.read_bytes()) == _lines(before)


def _lines(content: bytes) -> list[str]:
    return sorted(json.dumps(json.loads(line), sort_keys=True) for line in content.splitlines())


@pytest.mark.parametrize("name", ["members.jsonl", "proposals.jsonl"])
def test_a_list_that_holds_something_else_is_named(output: Path, name: str) -> None:
    path = output / "studies" / "old" / name
    path.write_bytes(b'{"colour": "blue"}\n' + path.read_bytes())
    done = _run(sweep, output)
    assert done.exit_code == 2
    assert f"error: {path}: is damaged (" in done.output


def test_the_sweep_writes_a_truncated_study_file_anew(output: Path) -> None:
    path = output / "studies" / "old" / "study.json"
    before = path.read_text(encoding="utf-8")
    path.write_text(before[:40], encoding="utf-8")
    assert _run(sweep, output).exit_code == 0
    after = json.loads(path.read_text(encoding="utf-8"))
    assert after | json.loads(before) == after


def test_a_store_that_is_no_database_is_named(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    (output / "studies" / "old" / "mlflow.json").unlink(missing_ok=True)
    path = output / "mlflow.db"
    path.write_bytes(b"torn" * 300)
    done = _run(ui, output)
    path.unlink()
    assert done.exit_code == 2
    assert f"error: {path}: cannot be read as MLflow's database" in done.output
