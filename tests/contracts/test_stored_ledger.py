"""A ledger that an earlier version wrote is read, continued and compared as that version did."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim_study.config.trial import EncoderConfig
from sim_study.ledger.ledger import Ledger
from sim_study.ledger.records import Result
from sim_study.space.load import load
from sim_study.study.run.session import Session

pytestmark = pytest.mark.timeout(240)

ROOT = Path(__file__).resolve().parents[2]
STORED = ROOT / "tests" / "stored_ledger"
SPACE = STORED / "space.yaml"
NO_STORE = "http://127.0.0.1:9"
"""A tracking server that is down costs no trial, and saves the time of filling one."""

KLD_CORPUS = {
    "name": "synthetic-speech",
    "fingerprint": "5fce47305340215ab35325b627381e2f8f3f304cf3f230078121decc28cabad7",
}
"""The corpus of the default study when its members were recorded."""


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """An output folder as the earlier version left it, with what that version made of it."""
    with tarfile.open(STORED / "ledger.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path


def _command(module: str, *words: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, words)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "MLFLOW_TRACKING_URI": NO_STORE},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _as_set(members: Iterable[dict[str, Any]]) -> set[str]:
    return {json.dumps(member, sort_keys=True) for member in members}


def _results(output: Path) -> dict[str, bytes]:
    return {path.parent.name: path.read_bytes() for path in output.glob("trials/*/result.json")}


ADJUSTED = "p_holm"
"""Of before primary tests: Holm within each family, by which nothing is judged any longer."""


def test_the_values_compared_are_what_they_were(output: Path) -> None:
    """Every value, difference, interval and p to the letter; what is said of them may change."""
    printed = _command("analysis.compare", "old", "--format", "markdown", "--output", output)
    found = pd.read_parquet(output / "studies" / "old" / "analysis" / "comparison.parquet")
    before = pd.read_parquet(output / "expected" / "comparison.parquet").drop(columns=ADJUSTED)
    assert {"a_mean", "b_mean", "difference", "low", "high", "hedges_g", "n", "p"} <= {*before}
    pd.testing.assert_frame_equal(found[[*before]], before, rtol=1e-9, atol=1e-12)
    for words in ("Can a later version read", "sim kld_weight=", "against gim", "## Answer"):
        assert words in printed
    verdicts = pd.read_parquet(output / "studies" / "old" / "analysis" / "primary.parquet")
    assert verdicts["verdict"].tolist() == ["undecided"] * 2
    assert verdicts["quantity"].unique().tolist() == ["probe_accuracy"]


def test_nothing_is_run_again_and_the_table_is_what_it_was(output: Path) -> None:
    before = _results(output)
    printed = _command("sim_study.sweep", "--space", SPACE, "--output", output)
    assert "study old: 84 trials; 84 of them done before" in printed
    assert "started" not in printed
    assert _results(output) == before
    tables = [
        pd.read_csv(path)
        for path in (
            output / "studies" / "old" / "summary.csv",
            output / "expected" / "summary.csv",
        )
    ]
    for table in tables:  # what shuffled clips read is measured anew, since 0.2 by 19 draws, not 10
        table.loc[table["quantity"] == "udr", "null"] = 0.0
    pd.testing.assert_frame_equal(*tables, rtol=0, atol=0)


def test_a_larger_search_goes_on_where_it_stopped(output: Path) -> None:
    folder = Ledger(output).study("old")
    before, left = _results(output), {member.trial_id for member in folder.members()}
    larger = ("--set", "search.configurations=3")
    _command("sim_study.sweep", "--space", SPACE, *larger, "--output", output)
    wanted = _lines(output / "expected" / "members_after_one_more_configuration.jsonl")
    assert len(wanted) == 88
    assert _as_set(_lines(folder.path / "members.jsonl")) == _as_set(wanted)
    after = _results(output)
    kept = left & {member["trial_id"] for member in wanted}
    assert len(kept) == 66, "18 belonged to winners that win no longer"
    assert {trial_id: after[trial_id] for trial_id in kept} == {
        trial_id: before[trial_id] for trial_id in kept
    }
    statuses = {Result.model_validate_json(after[m["trial_id"]]).status for m in wanted}
    assert statuses == {"finished"}


def test_the_trials_of_the_former_default_study_are_called_what_they_were(output: Path) -> None:
    recorded = _lines(output / "expected" / "kld_members.jsonl")
    winners = {member["config_hash"] for member in recorded if member["stage"] == "decoder"}
    spec, place = load(str(STORED / "kld.yaml"))
    session = Session(spec, place, Ledger(output / "none"), KLD_CORPUS)
    session.plan.refresh()
    while (planned := next(session.plan.runnable(), None)) is not None:
        config = planned.trial.config
        won = isinstance(config, EncoderConfig) and config.config_hash in winners
        result = Result(status="finished", metrics={"online/vowel/mean": float(won)})
        session.plan.ended(planned.trial_id, result)
        session.plan.refresh()
    keys = ("arm", "stage", "seed", "trial_id", "config_hash")
    found = [planned.member.model_dump() for planned in session.plan.planned]
    assert len(found) == len(recorded) == 54
    assert {tuple(member[key] for key in keys) for member in found} == {
        tuple(member[key] for key in keys) for member in recorded
    }
