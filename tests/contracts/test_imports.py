"""Nothing heavy is imported before it is needed: that is most of what starting up costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.start import VERBS

ROOT = Path(__file__).resolve().parents[2]

ENGINES = {"torch", "ray", "mlflow", "optuna"}
HEAVY = ENGINES | {"pandas", "scipy", "sklearn", "matplotlib", "torchaudio"}

RUN = """
import runpy, sys
module, *sys.argv[1:] = sys.argv[1:]
try:
    runpy.run_module(module, run_name="__main__", alter_sys=True)
except SystemExit as end:
    code = end.code or 0
else:
    code = 0
print("imported:", *sys.modules)
sys.exit(code)
"""


def _imported(code: str, *arguments: str) -> set[str]:
    """Names of everything a fresh interpreter has imported by the end of `code`."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rsplit("imported:", 1)[1].split())


def _import(module: str) -> set[str]:
    return _imported(f"import {module}, sys; print('imported:', *sys.modules)")


def test_what_is_imported_is_seen() -> None:
    assert "optuna" in _import("sim_study.study.plan.sampling") & ENGINES


@pytest.mark.parametrize("verb", VERBS)
def test_help_needs_no_engine(verb: str) -> None:
    assert _imported(RUN, verb, "--help") & HEAVY == set()


def test_a_dry_run_needs_no_engine(tmp_path: Path) -> None:
    arguments = ["--space", "kld.yaml", "--dry-run", "--output", str(tmp_path / "none")]
    assert _imported(RUN, "sim_study.sweep", *arguments) & HEAVY == set()


def test_a_dry_run_of_a_search_needs_only_optuna(tmp_path: Path) -> None:
    arguments = ["--space", "kld.yaml", "--dry-run", "--output", str(tmp_path / "none")]
    search = ["--set", "search={algorithm: tpe, configurations: 4}"]
    found = _imported(RUN, "sim_study.sweep", *arguments, *search) & ENGINES
    assert found == {"optuna"}


def test_the_driver_imports_ray_and_mlflow_only_when_there_is_something_to_run() -> None:
    assert _import("sim_study.study.run.engine") & HEAVY == set()


def test_the_driver_never_imports_torch_and_workers_neither_mlflow_nor_optuna() -> None:
    run = "sim_study.study.run"
    assert _import(f"{run}.engine, {run}.searcher, {run}.trainable") & ENGINES == {"ray"}
    assert _import(f"{run}.trainable, {run}.execute") & ENGINES == {"ray", "torch"}
