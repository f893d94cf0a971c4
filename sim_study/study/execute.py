"""Running one trial, from the ledger to the ledger; knows nothing of Ray."""

from __future__ import annotations

import os
import platform
import time
import traceback
from pathlib import Path

import torch

from sim_study.config.trial import Trial
from sim_study.data.corpus import open_corpus
from sim_study.errors import UserError
from sim_study.ledger.ledger import Busy, Ledger
from sim_study.ledger.records import Result
from sim_study.study.stages import Bench, Report, run_stage
from sim_study.train.diverged import Diverged

LOCK_POLL_SECONDS = 1.0


def execute(
    trial: Trial, output: Path, corpus_folder: Path, *, cpus: int, device: str, report: Report
) -> Result:
    """Run a trial, or take it up where it stopped, and write how it ended.

    A trial that another study on the same output folder is running is waited for, and its
    result is taken.

    Args:
        trial: What to run.
        output: The output folder.
        corpus_folder: The prepared corpus.
        cpus: Threads of torch.
        device: "cpu" or "cuda".
        report: Called with every (step, metrics).

    Returns:
        How it ended; a fault of a stage is recorded in it, not raised.
    """
    folder = Ledger(output).folder(trial.trial_id)
    while True:
        try:
            with folder.lock():
                known = folder.result()
                if known is not None and known.is_final:
                    return known
                torch.set_num_threads(cpus)
                folder.begin(trial)
                bench = Bench(Ledger(output), folder, open_corpus(corpus_folder), device, report)
                result = _attempt(trial, bench)
                folder.end(result)
                return result
        except Busy:
            time.sleep(LOCK_POLL_SECONDS)


def _attempt(trial: Trial, bench: Bench) -> Result:
    started = time.time()
    status, reason, metrics, by_user = "finished", "", {}, False
    try:
        metrics = run_stage(trial, bench)
    except Diverged as error:
        status, reason = "diverged", str(error)
    except UserError as error:
        status, reason, by_user = "failed", str(error), True
    except OSError as error:
        status, reason, by_user = "failed", f"{error.filename or ''}: {error.strerror}", True
    except Exception as error:
        status, reason = "failed", f"{type(error).__name__}: {error}"
        (bench.folder.path / "traceback.txt").write_text(traceback.format_exc(), encoding="utf-8")
    ended = time.time()
    return Result(
        status=status,
        reason=reason,
        by_user=by_user,
        metrics=metrics,
        seconds=ended - started,
        started_ms=int(started * 1000),
        ended_ms=int(ended * 1000),
        machine=_machine(bench.device),
    )


def _machine(device: str) -> dict[str, str]:
    processor = torch.cuda.get_device_name() if device == "cuda" else platform.machine()
    return {
        "host": platform.node(),
        "processor": processor,
        "cores": str(os.cpu_count()),
        "threads": str(torch.get_num_threads()),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }
