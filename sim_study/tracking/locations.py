"""Where artifacts lie, in words that stay true when the output folder is moved or copied.

MLflow keeps the place of a run's artifacts whole, as a path from the root: in an experiment's
`artifact_location`, and from there in the `artifact_uri` of each run. In a copy such a path still
means the original. So a database is given places under `mlflow-artifacts:/`, which the server that
`python -m sim_study.ui` starts resolves in the folder it is started on; and since MLflow's client
cannot write there without a server, files are copied by `writer`.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sim_study.errors import Problem, UserError
from sim_study.tracking.store import ARTIFACTS

SCHEME = "mlflow-artifacts"

_OURS = re.compile(rf"(?:file://)?/(?:.*/)?{ARTIFACTS}/([^/]+)")
"""A place in the artifact folder of some output folder, as earlier versions wrote it."""

_UNUSED = re.compile(r"(?:file://)?/(?:.*/)?mlruns/(0)")
"""A place that MLflow gives its default experiment, in whatever folder a command was run in."""

_PLACES = (
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
)


def location_of(study: str) -> str:
    """Where a study's experiment keeps its artifacts."""
    return f"{SCHEME}:/{study}"


def folder_of(location: str, artifacts: Path) -> Path | None:
    """Return the folder behind an experiment's location; None where MLflow's client must write.

    Args:
        location: The experiment's.
        artifacts: The artifact folder of the output folder.

    Raises:
        UserError: The location is a folder elsewhere on this machine.
    """
    parts = urlsplit(location)
    if parts.scheme not in (SCHEME, "file", ""):
        return None
    path = Path(unquote(parts.path))
    folder = artifacts / path.relative_to("/") if parts.scheme == SCHEME else path
    if not folder.resolve().is_relative_to(artifacts.resolve()):
        law = f"the experiment keeps its artifacts there, outside {artifacts.parent}"
        hint = "give this folder a store of its own, or the study another name"
        raise UserError(Problem(location, law, hint=hint))
    return folder


def make_portable(store: Path) -> None:
    """Rewrite the places that earlier versions wrote into a database of the output folder.

    Args:
        store: The SQLite file; one without MLflow's tables is left alone.

    Raises:
        UserError: The file is no database.
    """
    try:
        with closing(sqlite3.connect(store, timeout=30)) as database, database:
            tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
            if "experiments" in tables:
                _rewrite(database, [place for place in _PLACES if place[0] in tables])
    except sqlite3.DatabaseError as error:
        law = f"cannot be read as MLflow's database ({error})"
        hint = "move it away; the sweep's command again makes it anew from the trials"
        raise UserError(Problem(str(store), law, hint=hint)) from error


def _rewrite(database: sqlite3.Connection, places: list[tuple[str, str]]) -> None:
    rows = database.execute("SELECT experiment_id, artifact_location FROM experiments").fetchall()
    for experiment, location in rows:
        ours = _OURS.fullmatch(location or "") or _UNUSED.fullmatch(location or "")
        if ours is None:
            continue
        new = location_of(ours[1])
        for table, column in places:
            database.execute(
                f"UPDATE {table} SET {column} = ? || substr({column}, ?) "
                f"WHERE experiment_id = ? AND substr({column}, 1, ?) = ?",
                (new, len(location) + 1, experiment, len(location) + 1, f"{location}/"),
            )
        database.execute(
            "UPDATE experiments SET artifact_location = ? WHERE experiment_id = ?",
            (new, experiment),
        )
