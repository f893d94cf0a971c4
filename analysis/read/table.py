"""Runs as tidy tables: one row a trial, one row a metric, one row a reported point."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.read.runs import Run, read_runs
from sim_study.config.trial import EncoderConfig, StageConfig
from sim_study.ledger.ledger import Ledger
from sim_study.naming.metric_key import MetricKey, parse_key

METRIC_COLUMNS = ("stage", "quantity", "target", "layer", "value")
CURVE_COLUMNS = ("stage", "quantity", "target", "layer", "step", "value")


def trial_table(ledger: Ledger, study: str) -> pd.DataFrame:
    """One row a trial: identity, status, settings, resolved configuration, final metrics.

    Args:
        ledger: Where the study ran.
        study: Its name.

    Returns:
        Columns trial_id, study, arm, method, number, config_hash, stage, seed, role, source,
        status, reason, seconds, corpus (fingerprint); `setting.<key>` for searched settings;
        `config.<key>` for the resolved configuration, an encoder's with every key that cannot
        matter at its default; one column a metric key.

    Raises:
        UserError: When there is no such study.
    """
    rows = []
    for run in read_runs(ledger, study):
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
            row |= _flat(_resolved(run.trial.config), "config.")
        row |= dict(run.result.metrics) if run.result else {}
        rows.append(row)
    return pd.DataFrame(rows)


def metric_table(ledger: Ledger, study: str) -> pd.DataFrame:
    """Final metrics of finished trials in long form, each joined to the encoder it is about.

    Returns:
        Columns trial_id, encoder_id, arm, method, number, config_hash, seed, role,
        `setting.<key>`, stage, quantity, target, layer, value (unit of the quantity).

    Raises:
        UserError: When there is no such study.
    """
    rows = []
    for run in read_runs(ledger, study):
        if run.result is None or run.result.status != "finished":
            continue
        for key, value in run.result.metrics.items():
            rows.append(_long_row(run, parse_key(key), value))
    return _with_columns(rows, METRIC_COLUMNS)


def curve_table(ledger: Ledger, study: str) -> pd.DataFrame:
    """Every reported point of every trial, ended or not, in long form.

    Returns:
        As `metric_table`, with step (epochs finished; 0 is before the first update).

    Raises:
        UserError: When there is no such study.
    """
    rows = []
    for run in read_runs(ledger, study):
        for point in run.folder.curve():
            for key, value in point.metrics.items():
                row = _long_row(run, parse_key(key), value)
                rows.append(row | {"step": point.step})
    return _with_columns(rows, CURVE_COLUMNS)


def write_parquet(table: pd.DataFrame, path: Path) -> Path:
    """Write a table as Parquet; a column that mixes types between arms is written as text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = table.copy()
    for column in plain.columns:
        if pd.api.types.is_object_dtype(plain[column]):
            plain[column] = [None if pd.isna(value) else str(value) for value in plain[column]]
    plain.to_parquet(path, index=False)
    return path


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


def _long_row(run: Run, key: MetricKey, value: float) -> dict[str, Any]:
    names = {"trial_id": run.member.trial_id, "encoder_id": run.encoder.trial_id}
    row = names | _identity(run) | _settings(run) | {"stage": run.member.stage}
    return row | key._asdict() | {"value": float(value)}


def _resolved(config: StageConfig) -> dict[str, Any]:
    """A stage's configuration without what cannot matter; the module count follows the split."""
    if not isinstance(config, EncoderConfig):
        return config.model_dump(mode="json")
    canonical = config.canonical()
    content = canonical.model_dump(mode="json")
    content["model"]["modules"] = len(canonical.model.layers_per_module)
    return content


def _with_columns(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    """Build a table that has its columns even when a study has no rows yet."""
    identity = ("trial_id", "encoder_id", "arm", "method", "number", "config_hash", "seed", "role")
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=[*identity, *columns])


def _flat(content: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return dict(_leaves(content, prefix))


def _leaves(content: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in content.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, _cell(value)


def _cell(value: Any) -> Any:
    """A value that fits into one cell of a Parquet file."""
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else value
