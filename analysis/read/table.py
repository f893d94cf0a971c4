"""Runs as tidy tables: one row a trial, one row a metric, one row a reported point."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.read.runs import Run
from sim_study.config.trial import EncoderConfig, StageConfig
from sim_study.naming.result_keys import MetricKey, parse_key

IDENTITY = ("trial_id", "encoder_id", "arm", "method", "number", "config_hash", "seed", "role")
METRIC_COLUMNS = (*IDENTITY, "stage", *MetricKey._fields, "value")
CURVE_COLUMNS = (*METRIC_COLUMNS[:-1], "step", "value")


def trial_table(study: str, runs: Iterable[Run]) -> pd.DataFrame:
    """One row a trial: identity, status, settings, resolved configuration, final metrics.

    Returns:
        Columns trial_id, study, arm, method, number, config_hash, stage, seed, role, source,
        status, reason, seconds, corpus (fingerprint); `setting.<key>` for searched settings;
        `config.<key>` for the resolved configuration, an encoder's with every key that cannot
        matter at its default; one column a metric key.
    """
    columns = _Columns()
    for run in runs:
        row = {"trial_id": run.member.trial_id, "study": study, **_identity(run)}
        row |= {
            "stage": run.member.stage,
            "source": run.member.source,
            "status": run.status,
            "reason": run.result.reason if run.result else "",
            "seconds": run.result.seconds if run.result else None,
            "corpus": run.trial.corpus_fingerprint if run.trial else None,
        }
        row |= _settings(run)
        if run.trial:
            content = leaves(_resolved(run.trial.config), "config.")
            row |= {name: _cell(value) for name, value in content}
        row |= run.result.metrics if run.result else {}
        columns.add({key: [value] for key, value in row.items()})
    return columns.table(())


def metric_table(runs: Iterable[Run]) -> pd.DataFrame:
    """Final metrics of finished trials in long form, each joined to the encoder it is about.

    Returns:
        Columns trial_id, encoder_id, arm, method, number, config_hash, seed, role,
        `setting.<key>`, stage, quantity, target, layer, value (unit of the quantity).
    """
    columns = _Columns()
    for run in runs:
        if run.result and run.status == "finished" and run.result.metrics:
            columns.add(_long(run, run.result.metrics.items()))
    return columns.table(METRIC_COLUMNS)


def curve_table(runs: Iterable[Run]) -> pd.DataFrame:
    """Every reported point of every trial, ended or not, in long form; reads it from the disk.

    Returns:
        As `metric_table`, with step (epochs finished; 0 is before the first update).
    """
    columns = _Columns()
    for run in runs:
        points = run.folder.curve()
        reported = [item for point in points for item in point.metrics.items()]
        if reported:
            steps = [point.step for point in points for _ in point.metrics]
            columns.add(_long(run, reported) | {"step": steps})
    return columns.table(CURVE_COLUMNS)


def write_parquet(table: pd.DataFrame, path: Path) -> Path:
    """Write a table as Parquet; a column that mixes types between arms is written as text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = table.copy()
    for column in plain.columns:
        if pd.api.types.is_object_dtype(plain[column]):
            plain[column] = [None if pd.isna(value) else str(value) for value in plain[column]]
    plain.to_parquet(path, index=False)
    return path


class _Columns:
    """A table that grows by blocks of rows, column by column; absent cells are NaN."""

    def __init__(self) -> None:
        self._columns: dict[str, list[Any]] = {}
        self._rows = 0

    def add(self, block: Mapping[str, Sequence[Any]]) -> None:
        """Append rows.

        Args:
            block: Equally long columns; new ones come after those that are there.
        """
        count = len(next(iter(block.values())))
        for name, cells in block.items():
            if name not in self._columns:
                self._columns[name] = [math.nan] * self._rows
            self._columns[name].extend(cells)
        for name, column in self._columns.items():
            if name not in block:
                column.extend([math.nan] * count)
        self._rows += count

    def table(self, expected: Sequence[str]) -> pd.DataFrame:
        """Everything so far; without rows, a table of the expected columns."""
        return pd.DataFrame(self._columns) if self._rows else pd.DataFrame(columns=[*expected])


def _identity(run: Run) -> dict[str, Any]:
    return {
        "arm": run.encoder.arm,
        "method": run.method,
        "number": run.encoder.number,
        "config_hash": run.encoder.config_hash,
        "seed": run.encoder.seed,
        "role": run.encoder.role,
    }


def _settings(run: Run) -> dict[str, Any]:
    return {f"setting.{key}": _cell(value) for key, value in run.encoder.settings.items()}


def _long(run: Run, values: Iterable[tuple[str, float]]) -> dict[str, list[Any]]:
    """A run's values by key as rows that all carry the run's identity."""
    values = list(values)
    names = {"trial_id": run.member.trial_id, "encoder_id": run.encoder.trial_id}
    shared = names | _identity(run) | _settings(run) | {"stage": run.member.stage}
    parts = zip(*(parse_key(key) for key, _ in values), strict=True)
    return {
        **{name: [cell] * len(values) for name, cell in shared.items()},
        **{name: list(cells) for name, cells in zip(MetricKey._fields, parts, strict=True)},
        "value": [float(value) for _, value in values],
    }


def _resolved(config: StageConfig) -> dict[str, Any]:
    """A stage's configuration without what cannot matter; the module count follows the split."""
    if not isinstance(config, EncoderConfig):
        return config.model_dump(mode="json")
    canonical = config.canonical()
    content = canonical.model_dump(mode="json")
    content["model"]["modules"] = len(canonical.model.layers_per_module)
    return content


def leaves(content: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """Yield dotted key, below `prefix`, and value of everything in a nested mapping."""
    for key, value in content.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _cell(value: Any) -> Any:
    """A value that fits into one cell of a Parquet file."""
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else value
