"""The flow between rooms is one way, and Ray, Optuna and MLflow each have one door."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

FLOW = (
    "errors",
    "naming",
    "config",
    "data",
    "space",
    "ledger",
    "model",
    "objective",
    "train",
    "checkpoint",
    "downstream",
    "metrics",
    "views",
    "tracking",
    "study",
)
"""A room imports only itself and rooms to its left."""

INSIDE = {
    "analysis": ("read", "statistics", "words", "figures", "report"),
    "sim_study.downstream": ("codes", "probes", "decoders"),
    "sim_study.study": ("plan", "stages", "forecast", "show", "run"),
}
"""Rooms inside big rooms, in the order of their own flow; files that lie loose in a big room are
what all of its inner rooms share."""

SIDE_BY_SIDE = {("model", "objective"), ("objective", "model")}
ENTRIES = {"__main__", "closing", "corpus", "entry", "sweep", "ui", "verify"}
"""Files, and the verify verb, that compose rooms for the command line; so may a room's own
`__main__.py`, which nobody imports."""

ANALYSIS_MAY = {
    "errors",
    "config",
    "entry",
    "ledger",
    "metrics.catalogue",
    "metrics.label_weights",
    "metrics.measures",
    "naming",
    "views",
}

DOORS = {"ray": "study", "optuna": "study", "mlflow": "tracking"}


def _imports(path: Path) -> Iterator[str]:
    """Dotted names of everything a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def _room(path: Path) -> str:
    return path.relative_to(ROOT / "sim_study").parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", _files("sim_study"), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_room_imports_only_earlier_rooms(path: Path) -> None:
    room = _room(path)
    if room in ENTRIES or room == "__init__" or path.name == "__main__.py":
        return
    assert room in FLOW, f"{path}: room '{room}' is not in the flow"
    allowed = set(FLOW[: FLOW.index(room) + 1])
    for name in _imports(path):
        if name.startswith("sim_study."):
            other = name.split(".")[1]
            assert other in allowed, f"{room} must not import {name}"
            assert (room, other) not in SIDE_BY_SIDE, f"{room} must not import {name}"
        assert not name.startswith("analysis"), f"{room} must not import {name}"


@pytest.mark.parametrize("path", _files("analysis"), ids=lambda p: str(p.relative_to(ROOT)))
def test_analysis_reads_the_ledger_and_opens_no_model(path: Path) -> None:
    for name in _imports(path):
        assert name.split(".")[0] not in {"torch", "ray", "optuna", "mlflow"}, name
        if name.startswith("sim_study."):
            rest = name.removeprefix("sim_study.")
            assert any(rest == ok or rest.startswith(f"{ok}.") for ok in ANALYSIS_MAY), name


@pytest.mark.parametrize("big", INSIDE)
def test_inside_a_big_room_the_flow_is_one_way(big: str) -> None:
    order = INSIDE[big]
    folder = big.replace(".", "/")
    inner = {path.name for path in (ROOT / folder).iterdir() if (path / "__init__.py").exists()}
    assert inner <= set(order), "every inner room has its place in the order"
    for room in order:
        later = order[order.index(room) + 1 :]
        for path in _files(f"{folder}/{room}"):
            for name in _imports(path):
                wrong = [other for other in later if name.startswith(f"{big}.{other}")]
                assert not wrong, f"{path.relative_to(ROOT)} must not import {name}"


@pytest.mark.parametrize(("library", "door"), DOORS.items())
def test_each_engine_has_one_door(library: str, door: str) -> None:
    importers = {
        _room(path)
        for path in _files("sim_study")
        if any(name.split(".")[0] == library for name in _imports(path))
    }
    assert importers == {door}


def test_every_room_is_in_the_flow() -> None:
    rooms = {p.name for p in (ROOT / "sim_study").iterdir() if (p / "__init__.py").exists()}
    assert rooms - ENTRIES <= set(FLOW)


def test_no_file_is_a_drawer() -> None:
    names = {path.stem for path in _files("sim_study") + _files("analysis")}
    assert not names & {"utils", "helpers", "common", "misc", "util"}
