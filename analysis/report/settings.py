"""The report's table of settings: what every encoder shares, what an arm has to itself."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.read.study import StudyRecord
from analysis.read.table import leaves
from analysis.report.grid import Grid
from sim_study.config.method import is_untrained


def settings_grid(study: StudyRecord) -> Grid | None:
    """Settings shared by all trained encoders, by an arm, the corpus, and every configuration.

    Keys that cannot matter stand at their defaults: a KL weight of GIM is 0. Settings that an arm
    searches are in its configurations' names.
    """
    trained = study.trials[
        (study.trials["stage"] == "encoder") & ~study.trials["method"].map(is_untrained)
    ]
    shared = _constant(trained)
    rows = [(name, value) for name, value in shared.items()]
    for arm, trials in trained.groupby("arm", sort=False):
        own = {name: value for name, value in _constant(trials).items() if name not in shared}
        rows += [(f"{name} ({arm})", value) for name, value in own.items()]
    rows += [(key, str(value)) for key, value in leaves(study.facts.corpus, "corpus.")]
    for one in study.configurations:
        mark = ", best of its arm" if one.is_best else ""
        seeds = "; ".join(
            f"{role} seeds {', '.join(map(str, one.seeds(role)))}"
            for role in ("search", "confirm")
            if one.seeds(role)
        )
        rows.append((one.label, f"configuration {one.config_hash}{mark}; {seeds}"))
    if not rows:
        return None
    return Grid("Shared settings and configurations", ("", ""), tuple(rows), words=2)


def _constant(trials: pd.DataFrame) -> dict[str, str]:
    """Resolved settings with one value in all of these trials."""
    columns = [name for name in trials.columns if name.startswith("config.")]
    return {
        name.removeprefix("config."): _text(trials[name].dropna().iloc[0])
        for name in columns
        if trials[name].nunique() == 1
    }


def _text(value: Any) -> str:
    """Whole numbers without decimals: a column that other stages leave empty holds floats."""
    return f"{value:g}" if isinstance(value, float) else str(value)
