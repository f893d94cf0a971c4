"""Every metric by its name in a configuration, found in the file of that name."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TypeVar, get_args

from sim_study.config.metrics import CodeMetricName, ProbeMetricName
from sim_study.errors import Problem, UserError
from sim_study.metrics.contract import Metric, ProbeMetric, Quantified

PACKAGE = "sim_study.metrics.measures"

Kind = TypeVar("Kind", bound=Quantified)


def find(names: Iterable[str], kind: type[Kind]) -> dict[str, Kind]:
    """Return the `METRIC` of every named file of `measures/`.

    Raises:
        UserError: Listing every file that is missing, or whose metric is not what it must be.
    """
    problems: list[Problem] = []
    found: dict[str, Kind] = {}
    for name in names:
        try:
            metric = getattr(import_module(f"{PACKAGE}.{name}"), "METRIC", None)
        except ModuleNotFoundError as error:
            if error.name != f"{PACKAGE}.{name}":
                raise
            problems.append(_problem(name, "is missing", f"config/metrics.py names '{name}'"))
            continue
        if isinstance(metric, kind):
            found[name] = metric
            problems += [_problem(name, law) for law in _broken_laws(metric, name)]
        else:
            law = f"METRIC must be a {kind.__name__}, not {type(metric).__name__}"
            problems.append(_problem(name, law))
    if problems:
        raise UserError(*problems)
    return found


def _broken_laws(metric: Quantified, name: str) -> Iterable[str]:
    if getattr(metric, "name", None) != name:
        yield f"METRIC.name must be '{name}', as the file is called"
    quantities = getattr(metric, "quantities", {})
    if not quantities:
        yield "METRIC.quantities must say what the metric reports"
    elif len(chances := {one.chance for one in quantities.values()}) > 1:
        yield "METRIC.quantities must all have the same chance"
    elif not chances <= {*metric.chances}:
        yield f"the chance of METRIC.quantities must be one of {', '.join(metric.chances)}"


def _problem(name: str, law: str, hint: str = "") -> Problem:
    return Problem(f"{PACKAGE.replace('.', '/')}/{name}.py", law, hint=hint)


METRICS = find(get_args(CodeMetricName), Metric)  # type: ignore[type-abstract]
"""Of codes."""

PROBE_METRICS = find(get_args(ProbeMetricName), ProbeMetric)  # type: ignore[type-abstract]
"""Of trained probes."""

OF_SEVERAL = find(("udr",), Quantified)
"""Of several encoders: no stage can be asked for them, analysis measures them over seeds."""
