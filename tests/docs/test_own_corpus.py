"""The example of a corpus is what the page says: a folder, and a line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TONES = ROOT / "examples" / "tones"


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the example's folder and its line."""
    copy = tmp_path_factory.mktemp("grown")
    for folder in ("sim_study", "search_spaces"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    code = shutil.ignore_patterns("*.yaml", "__pycache__")
    shutil.copytree(TONES, copy / "sim_study" / "data" / "tones", ignore=code)
    registry = copy / "sim_study" / "data" / "corpora.py"
    before = registry.read_text(encoding="utf-8")
    after = before.replace('    "librispeech",\n', '    "librispeech",\n    "tones",\n')
    assert len(after.splitlines()) == len(before.splitlines()) + 1
    registry.write_text(after, encoding="utf-8")
    return copy


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("sim_study.corpus inspect tones", ("consonant", "vowel")),
        (f"sim_study.sweep --dry-run --space {TONES / 'tones.yaml'}", ("supervised", "40 trials")),
    ],
)
def test_the_copy_knows_the_corpus(grown: Path, command: str, words: tuple[str, ...]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(grown)}
    done = subprocess.run(
        [sys.executable, "-m", *command.split()],
        cwd=grown, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(word in done.stdout for word in words), done.stdout
