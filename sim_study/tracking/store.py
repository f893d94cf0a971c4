"""Where the runs are kept: which tracking store, which artifact folder, and whether it answers."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path
from urllib.parse import urlsplit

from sim_study.errors import Problem, UserError

CONNECT_SECONDS = 3.0
"""Patience with a database server that does not answer; MLflow's own retries take 100 s."""

_DATABASE_PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433}
_SERVERS = ("http", "https", "databricks")
STORE_FILE, ARTIFACTS = "mlflow.db", "mlartifacts"
"""The default store and the artifacts of its runs, in the output folder."""


def tracking_uri(config_uri: str | None, output: Path) -> str:
    """Return the address of the tracking store: configured, else the environment's, else SQLite.

    Args:
        config_uri: `tracking.uri` of the space file; None when it has none.
        output: The output folder, which holds the default store.

    Raises:
        UserError: When the address is a plain folder or file: address, which MLflow refuses.
    """
    for place, uri in (
        ("tracking.uri", config_uri),
        ("MLFLOW_TRACKING_URI", os.environ.get("MLFLOW_TRACKING_URI")),
    ):
        if uri:
            scheme = urlsplit(uri).scheme.split("+")[0]
            if scheme not in {"sqlite", *_DATABASE_PORTS, *_SERVERS}:
                law = "must be the address of a tracking server or a database"
                hint = "such as http://host:5000 or sqlite:////folder/mlflow.db"
                raise UserError(Problem(place, law, value=uri, hint=hint))
            return uri
    return f"sqlite:///{output.resolve() / STORE_FILE}"


def seen_from(output: Path, path: Path) -> str:
    """Return a path as a file keeps it: from the output folder if it lies in there."""
    path, root = path.resolve(), output.resolve()
    return str(path.relative_to(root) if path.is_relative_to(root) else path)


def recorded(uri: str, output: Path) -> str:
    """Return a store's address as a file keeps it: without password, wherever the folder lies.

    Args:
        uri: The store.
        output: The output folder; a database in it is addressed from there.
    """
    file = sqlite_file(uri)
    return without_password(uri) if file is None else f"sqlite:///{seen_from(output, file)}"


def reopened(address: str, output: Path) -> str:
    """Return the store behind an address from `recorded`.

    Earlier versions recorded the default store by its whole path, which is somebody else's once
    the folder has been moved or copied: a folder that holds a store reads its own.
    """
    file = sqlite_file(address)
    if file is None:
        return address
    own = output.resolve() / STORE_FILE
    moved = file.is_absolute() and file.name == STORE_FILE and own.exists()
    return f"sqlite:///{own if moved else output.resolve() / file}"


def own_file(uri: str, output: Path) -> Path | None:
    """Return the file of a database in the output folder; None for any other store."""
    file = sqlite_file(uri)
    return file if file and file.resolve().is_relative_to(output.resolve()) else None


def is_server(uri: str) -> bool:
    """Whether a tracking server stands behind `uri`, which then keeps the artifacts itself."""
    return urlsplit(uri).scheme in _SERVERS


def sqlite_file(uri: str) -> Path | None:
    """Return the file of an SQLite store; None for any other store."""
    return Path(uri.removeprefix("sqlite:///")) if uri.startswith("sqlite:///") else None


def artifact_folder(uri: str, output: Path) -> Path | None:
    """Return where this machine keeps artifacts; None when a tracking server does."""
    return None if is_server(uri) else output.resolve() / ARTIFACTS


def check_answers(uri: str) -> None:
    """Find out quickly that a database cannot be reached.

    Raises:
        OSError: The database server does not answer, or SQLite's folder cannot be made.
    """
    file = sqlite_file(uri)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("ab"):
            return
    address = urlsplit(uri)
    default_port = _DATABASE_PORTS.get(address.scheme.split("+")[0])
    if default_port is not None and address.hostname:
        port = address.port or default_port
        socket.create_connection((address.hostname, port), timeout=CONNECT_SECONDS).close()


def without_password(text: str) -> str:
    """Return `text` with the user and password of every address in it blotted out."""
    return re.sub(r"//[^/@\s]+@", "//***@", text)
