from __future__ import annotations

import sys
from types import ModuleType
from typing import ClassVar, get_args

import pytest

from sim_study.config.metrics import CodeMetricName, MetricName, ProbeMetricName
from sim_study.errors import UserError
from sim_study.metrics.contract import Metric, ProbeMetric, Reading
from sim_study.metrics.measures.active_units import ActiveUnits
from sim_study.metrics.measures.mig import Mig
from sim_study.metrics.measures.udr import UdrOfCodes
from sim_study.metrics.registry import METRICS, PACKAGE, PROBE_METRICS, find


class Bare(Metric):
    name = "other"
    quantities: ClassVar = {}

    def read(self, sample, seed):
        return Reading({})


class TwoChances(Bare):
    name = "two_chances"
    quantities: ClassVar = {**Mig.quantities, **ActiveUnits.quantities}


class OfSeveral(Bare):
    name = "of_several"
    quantities: ClassVar = UdrOfCodes.quantities


def install(monkeypatch, name, metric=None):
    module = ModuleType(f"{PACKAGE}.{name}")
    if metric is not None:
        module.METRIC = metric
    monkeypatch.setitem(sys.modules, module.__name__, module)


def test_every_name_of_a_configuration_is_found():
    assert (*METRICS, *PROBE_METRICS) == get_args(MetricName)
    assert tuple(METRICS) == get_args(CodeMetricName)
    assert tuple(PROBE_METRICS) == get_args(ProbeMetricName)


def test_every_metric_that_is_missing_or_wrong_is_named(monkeypatch):
    install(monkeypatch, "empty")
    install(monkeypatch, "bare", Bare())
    install(monkeypatch, "two_chances", TwoChances())
    install(monkeypatch, "of_several", OfSeveral())
    with pytest.raises(UserError) as caught:
        find(
            ("mig", "no_such", "probe_weights", "empty", "bare", "two_chances", "of_several"),
            Metric,
        )
    start = "sim_study/metrics/measures"
    assert [str(problem) for problem in caught.value.problems] == [
        f"{start}/no_such.py: is missing; config/metrics.py names 'no_such'",
        f"{start}/probe_weights.py: METRIC must be a Metric, not ProbeWeights",
        f"{start}/empty.py: METRIC must be a Metric, not NoneType",
        f"{start}/bare.py: METRIC.name must be 'bare', as the file is called",
        f"{start}/bare.py: METRIC.quantities must say what the metric reports",
        f"{start}/two_chances.py: METRIC.quantities must all have the same chance",
        f"{start}/of_several.py: the chance of METRIC.quantities must be one of "
        "permuted labels, independent dimensions, none",
    ]
    with pytest.raises(UserError, match="METRIC must be a ProbeMetric, not Mig"):
        find(("mig",), ProbeMetric)
