"""The engine over Ray: workers are kept from trial to trial."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from sim_study.ledger.ledger import Ledger

pytestmark = pytest.mark.timeout(120)

SPACE = """
study: short
question: How many workers does it take?
corpus: {name: synthetic-speech, train_words: 24, test_words: 12}
arms: [random]
model: {channels: 2, context_channels: 2}
seeds: 10
downstream: {probe: null, metrics: null}
"""


def test_workers_serve_one_trial_after_another(tmp_path: Path) -> None:
    space = tmp_path / "short.yaml"
    space.write_text(SPACE, encoding="utf-8")
    command = [sys.executable, "-m", "sim_study.sweep", "--space", str(space)]
    with (tmp_path / "printed.txt").open("w") as printed:
        sweep = psutil.Popen(
            [*command, "--output", str(tmp_path / "out")],
            stdout=printed,
            stderr=subprocess.STDOUT,
            env={**os.environ, "MLFLOW_TRACKING_URI": ""},
        )
        workers: set[int] = set()
        while sweep.poll() is None:  # a worker lives for seconds: importing PyTorch takes that long
            workers |= _workers(sweep)
            time.sleep(0.1)
    assert sweep.returncode == 0, (tmp_path / "printed.txt").read_text(encoding="utf-8")
    results = list((tmp_path / "out").glob("trials/*/result.json"))
    assert len(results) == 10
    assert 1 <= len(workers) <= (os.cpu_count() or 1), "a new worker for every trial?"
    members = Ledger(tmp_path / "out").study("short").members()
    assert [member.seed for member in members] == list(range(1, 11))


def _workers(sweep: psutil.Popen) -> set[int]:
    found = set()
    for child in sweep.children(recursive=True):
        try:
            if "ImplicitFunc" in " ".join(child.cmdline()):
                found.add(child.pid)
        except psutil.Error:
            continue  # it has just ended
    return found
