"""Where tests find real recordings and golden numbers; when they are missing, tests say so."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

TIMED = {"test_whole_study.py", "test_engine.py"}
"""Files whose tests watch what Ray does while it does it: one after another."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests in one process, for their shared fixtures, and those of TIMED in one."""
    for item in items:
        name = "timed" if item.path.name in TIMED else str(item.path)
        item.add_marker(pytest.mark.xdist_group(name))


def _shared(variable: str, folder: str) -> Path:
    path = Path(os.environ.get(variable, ROOT.parent / "shared" / folder))
    if not path.is_dir():
        message = f"NOT TESTED on real material: no folder {path}; set {variable} to run this test"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder that holds `artificial-speech/` and `librispeech-sample/` (SIM_STUDY_DATA)."""
    return _shared("SIM_STUDY_DATA", "data")


@pytest.fixture(scope="session")
def golden() -> Path:
    """Folder that holds `training.npz` and `downstream.npz` (SIM_STUDY_GOLDEN)."""
    return _shared("SIM_STUDY_GOLDEN", "golden")


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Nets in tests are so small that a second thread only waits for the first."""
    torch = sys.modules.get("torch")  # a module that does not use torch does not pay for it
    if torch is None:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
