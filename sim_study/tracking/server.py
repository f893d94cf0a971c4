"""The MLflow UI on a local store, for as long as somebody looks at it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from sim_study.errors import Problem, UserError

HOST = "127.0.0.1"
START_SECONDS = 120.0
STOP_SECONDS = 10.0
_POLL_SECONDS = 0.3


@contextlib.contextmanager
def serving(uri: str, artifacts: Path, port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run `mlflow server` on this machine's loopback address; it answers when the body begins.

    Args:
        uri: A database that holds the runs.
        artifacts: Folder that holds their artifacts.
        port: TCP port.
        log: File for the server's chatter.

    Raises:
        UserError: The port is taken, or the server does not come up.
    """
    _check_free(port)
    command = [sys.executable, "-m", "mlflow", "server"]
    command += ["--host", HOST, "--port", str(port), "--workers", "1"]
    environment = os.environ | {
        "MLFLOW_BACKEND_STORE_URI": uri,  # not an argument: it may hold a password
        "MLFLOW_ARTIFACTS_DESTINATION": str(artifacts),
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    with log.open("wb") as chatter:
        server = subprocess.Popen(
            command,
            stdout=chatter,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,  # Ctrl-C reaches us first, and we stop it in order
        )
        try:
            _wait_until_up(server, port, log)
            yield server
        finally:
            _stop(server)


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            hint = f"try --port {port + 1}"
            raise UserError(Problem("--port", "is in use", value=port, hint=hint)) from None


def _wait_until_up(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(_POLL_SECONDS)
    raise UserError(Problem(str(log), "the MLflow server did not start; its log says why"))


def _stop(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
