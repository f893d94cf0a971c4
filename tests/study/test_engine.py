"""The engine over Ray: workers are kept from trial to trial, and what they report is shown."""

from __future__ import annotations

import os
import pty
import re
import select
import sys
import termios
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from sim_study.ledger.ledger import Ledger

pytestmark = pytest.mark.timeout(240)

SPACE = """
study: short
question: How many workers does it take?
corpus: {name: synthetic-speech, train_words: 24, test_words: 12}
arms: [random, sim]
model: {channels: 8, context_channels: 4}
train: {epochs: 30, batch_size: 8}
online_probe: {every_epochs: 30}
seeds: 3
downstream: {probe: null, metrics: null}
"""


@dataclass(frozen=True)
class Ran:
    """A sweep that has run in a terminal of a fixed size.

    Args:
        space: Its space file.
        output: Its output folder.
        code: Its exit code.
        screen: All that it wrote, without what moves and colours.
        workers: Process ids of Ray's workers.
    """

    space: Path
    output: Path
    code: int
    screen: str
    workers: frozenset[int]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("sweep")
    space, output = folder / "short.yaml", folder / "out"
    space.write_text(SPACE, encoding="utf-8")
    command = [sys.executable, "-m", "sim_study.sweep", "--space", str(space)]
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (30, 120))
    sweep = psutil.Popen(
        [*command, "--output", str(output)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "MLFLOW_TRACKING_URI": "", "TERM": "xterm"},
    )
    os.close(theirs)
    written = b""
    workers: set[int] = set()
    looked = 0.0
    while True:
        if time.monotonic() - looked > 0.3:  # a worker lives for seconds: PyTorch takes as long
            looked = time.monotonic()
            workers |= _workers(sweep)
        if select.select([ours], [], [], 0.3)[0]:
            try:
                written += os.read(ours, 65536)
            except OSError:  # how Linux says that the other end is closed
                break
    os.close(ours)
    screen = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written.decode("utf-8", errors="replace"))
    return Ran(space, output, sweep.wait(), screen, frozenset(workers))


def test_workers_serve_one_trial_after_another(ran: Ran) -> None:
    assert ran.code == 0, ran.screen
    results = list(ran.output.glob("trials/*/result.json"))
    assert len(results) == 6
    assert 1 <= len(ran.workers) <= (os.cpu_count() or 1), "a new worker for every trial?"
    members = Ledger(ran.output).study("short").members()
    assert [member.seed for member in members] == [1, 2, 3, 1, 2, 3]


def test_a_terminal_shows_epochs_and_losses_that_move(ran: Ran) -> None:
    shown = re.findall(
        r"sim seed \d encoder  epoch (\d+)/30  nce(?: \d\.\d\d){4}  kl(?: \S+){3}  \d:", ran.screen
    )
    epochs = sorted(set(map(int, shown)))
    assert len(epochs) >= 3, ran.screen
    assert epochs[0] < 15 < epochs[-1]
    assert "best so far: online/vowel/mean" in ran.screen
    for done in ("0/3", "3/3"):
        assert re.search(rf"sim +{done}", ran.screen)
    lefts = re.findall(r"(perhaps|about) \d:\d\d left", ran.screen)
    assert lefts[0] == "perhaps", "nothing has been seen"
    assert lefts[-1] == "about"


def test_the_log_tells_the_story_and_nothing_else(ran: Ran) -> None:
    folder = ran.output / "studies" / "short"
    log = (folder / "log.txt").read_text(encoding="utf-8")
    assert f"--space {ran.space}" in log.splitlines()[0]
    for words in ("ray 2.", "started: sim seed 1 encoder", "finished: sim seed 1 encoder"):
        assert words in log
    assert "6 trials done, 0 to run" in log
    banner = "Configuration for experiment"
    assert banner not in log
    assert banner in (folder / "chatter.txt").read_text(encoding="utf-8")


def _workers(sweep: psutil.Popen) -> set[int]:
    found = set()
    try:
        for child in sweep.children(recursive=True):
            if "ImplicitFunc" in " ".join(child.cmdline()):
                found.add(child.pid)
    except psutil.Error:
        pass  # one has just ended
    return found
