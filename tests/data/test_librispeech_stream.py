"""Streaming: in any number of threads, stopped at any moment, it gives the same corpus."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim_study.data.description import file_sha256, read_description
from sim_study.data.librispeech import stream as module
from sim_study.data.librispeech.kind import KIND
from sim_study.data.librispeech.stream import stream
from sim_study.data.prepare import folder_of, prepare

SHARD_SAMPLES = 15_000
"""Two or three utterances of the tree."""


@pytest.fixture
def short_shards(monkeypatch) -> None:
    monkeypatch.setattr(module, "SHARD_SAMPLES", SHARD_SAMPLES)


def _partial(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.partial")


def test_threads_and_interruptions_change_nothing(
    tree, tmp_path: Path, monkeypatch, short_shards
) -> None:
    whole = prepare(tree.config(), tmp_path / "whole")
    (tmp_path / "one").mkdir()
    recipe = KIND.recipe(tree.config())
    one_thread = stream(tree.config(), recipe, tmp_path / "one", lambda _: None, threads=1)
    assert one_thread.fingerprint == whole.fingerprint

    decoded: list[str] = []
    original = module.decode

    def stopped(path: Path, out: np.ndarray) -> str:
        if len(decoded) == 7:
            raise KeyboardInterrupt
        decoded.append(path.stem)
        return original(path, out)

    monkeypatch.setattr(module, "decode", stopped)
    monkeypatch.setattr(module.os, "cpu_count", lambda: 1)
    with pytest.raises(KeyboardInterrupt):
        prepare(tree.config(), tmp_path / "out")
    folder = folder_of(recipe, tmp_path / "out")
    assert not folder.exists()
    kept = sorted(path.name for path in _partial(folder).glob("*.arrow"))
    assert 1 <= len(kept) < len(list(whole.folder.glob("*.arrow")))
    again: list[str] = []
    monkeypatch.setattr(
        module, "decode", lambda path, out: again.append(path.stem) or original(path, out)
    )
    corpus = prepare(tree.config(), tmp_path / "out")
    assert corpus.fingerprint == whole.fingerprint
    assert len(again) < 12  # what is in whole shards is not decoded again
    assert set(again) | set(decoded) == set(tree.sounds)
    assert sorted(path.name for path in corpus.folder.iterdir()) == sorted(
        path.name for path in whole.folder.iterdir()
    )
    for name, record in read_description(corpus.folder).files.items():
        assert file_sha256(corpus.folder / name) == record.sha256


def test_shards_are_cut_alike_from_many_files(
    tree, tmp_path: Path, monkeypatch, short_shards
) -> None:
    corpus = prepare(tree.config(), tmp_path / "short")
    assert len(list(corpus.folder.glob("*.arrow"))) > 3
    monkeypatch.setattr(module, "SHARD_SAMPLES", 10**9)
    in_one = prepare(tree.config(), tmp_path / "one")
    for split in ("train", "test"):
        ours, theirs = corpus.probe_clips(split), in_one.probe_clips(split)
        assert ours.ids == theirs.ids
        np.testing.assert_array_equal(ours.samples[:], theirs.samples[:])
        assert ours.groups.tolist() == theirs.groups.tolist()


def test_a_killed_preparation_goes_on(tree, tmp_path: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from sim_study.data.librispeech.kind import LibriSpeech\n"
        "from sim_study.data.librispeech import stream as module\n"
        "from sim_study.data.prepare import prepare\n"
        f"module.SHARD_SAMPLES = {SHARD_SAMPLES}\n"
        "write, written = module.write_shard, []\n"
        "def dying(path, shard):\n"
        "    if len(written) == 3:\n"
        "        path.write_bytes(b'half')\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    written.append(path)\n"
        "    write(path, shard)\n"
        "if sys.argv[3] == 'dying': module.write_shard = dying\n"
        "config = LibriSpeech(root=sys.argv[1], pretrain=('train',), clip_samples=1600)\n"
        "print(prepare(config, Path(sys.argv[2])).fingerprint)"
    )
    root = Path(module.__file__).parents[3]

    def run(output: str, mode: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code, str(tree.root), str(tmp_path / output), mode],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(root)},
        )

    assert run("out", "dying").returncode == -signal.SIGKILL
    (partial,) = (tmp_path / "out" / "corpora").glob(".*.partial")
    kept = {path.name: path.stat().st_mtime_ns for path in partial.glob("*.arrow")}
    assert len(kept) == 3
    went_on, whole = run("out", "living"), run("whole", "living")
    assert went_on.stdout == whole.stdout
    (folder,) = (tmp_path / "out" / "corpora").glob("librispeech-*")
    assert {name: (folder / name).stat().st_mtime_ns for name in kept} == kept
    shutil.rmtree(folder)
