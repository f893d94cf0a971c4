"""Running one trial, from the ledger to the ledger; knows nothing of Ray."""

from __future__ import annotations

import math
import os
import platform
import time
import traceback
from pathlib import Path

import torch

from sim_study.config.decoder import DecoderConfig
from sim_study.config.probe import ProbeConfig
from sim_study.config.trial import EncoderConfig, Trial
from sim_study.config.views import ViewsConfig
from sim_study.data.prepare import open_corpus
from sim_study.errors import Problem, UserError
from sim_study.ledger.files import write_text
from sim_study.ledger.ledger import Busy, Ledger, TrialFolder
from sim_study.ledger.machine import processor_name
from sim_study.ledger.records import Result
from sim_study.study.stages.bench import Bench, Report
from sim_study.study.stages.decoder_stage import run_decoder
from sim_study.study.stages.encoder_stage import run_encoder
from sim_study.study.stages.metrics_stage import run_metrics
from sim_study.study.stages.probe_stage import run_probe
from sim_study.study.stages.views_stage import run_views
from sim_study.train.divergence import Diverged

LOCK_POLL_SECONDS = 1.0
TRACEBACK_FILE = "traceback.txt"


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

    Raises:
        OSError: Not even the result can be written.
    """
    ledger = Ledger(output)
    folder = ledger.folder(trial.trial_id)
    while True:
        try:
            with folder.lock():
                known = folder.result()
                if known is not None and known.is_final:
                    return known
                torch.set_num_threads(cpus)
                folder.begin(trial)
                started = time.time()
                attempt = _attempt(trial, ledger, folder, corpus_folder, device, report)
                result = attempt.model_copy(update=_circumstances(started, device))
                folder.end(result)
                return result
        except Busy:
            time.sleep(LOCK_POLL_SECONDS)


def _attempt(
    trial: Trial,
    ledger: Ledger,
    folder: TrialFolder,
    corpus_folder: Path,
    device: str,
    report: Report,
) -> Result:
    try:
        corpus = open_corpus(corpus_folder)
        if corpus.fingerprint != trial.corpus_fingerprint:
            law = "is not the corpus of this trial; on a cluster, all nodes must share it"
            raise UserError(Problem(str(corpus_folder), law))
        metrics = run_stage(trial, Bench(ledger, folder, corpus, device, report))
    except Diverged as error:
        return Result(status="diverged", reason=str(error))
    except UserError as error:
        return Result(status="failed", reason=str(error), by_user=True)
    except OSError as error:
        reason = f"{error.filename or folder.path}: {error.strerror or error}"
        return Result(status="failed", reason=reason, by_user=True)
    except Exception as error:
        where = folder.path / TRACEBACK_FILE
        write_text(where, traceback.format_exc())
        return Result(status="failed", reason=f"{type(error).__name__}: {error} (see {where})")
    if broken := [key for key, value in metrics.items() if not math.isfinite(value)]:
        return Result(status="diverged", reason=f"not finite: {', '.join(broken)}")
    return Result(status="finished", metrics=metrics)


def run_stage(trial: Trial, bench: Bench) -> dict[str, float]:
    """Run a trial's stage and return its final metrics.

    Raises:
        Diverged: A loss became NaN or infinite.
        UserError: A checkpoint is damaged, or the trial does not fit its upstream.
    """
    config = trial.config
    if isinstance(config, EncoderConfig):
        return run_encoder(trial, config, bench)
    if isinstance(config, ProbeConfig):
        return run_probe(trial, config, bench)
    if isinstance(config, DecoderConfig):
        return run_decoder(trial, config, bench)
    if isinstance(config, ViewsConfig):
        return run_views(trial, config, bench)
    return run_metrics(trial, config, bench)


def _circumstances(started: float, device: str) -> dict[str, object]:
    """When and where an attempt that ends now was made; `started` as `time.time()` gives it."""
    ended = time.time()
    return {
        "seconds": ended - started,
        "started_ms": int(started * 1000),
        "ended_ms": int(ended * 1000),
        "machine": {
            "host": platform.node(),
            "processor": torch.cuda.get_device_name() if device == "cuda" else processor_name(),
            "cores": str(os.cpu_count()),
            "threads": str(torch.get_num_threads()),
            "python": platform.python_version(),
            "torch": torch.__version__,
        },
    }
