"""Every metric of a code, by its name in a configuration."""

from __future__ import annotations

from sim_study.metrics.contract import Metric
from sim_study.metrics.dci import Dci
from sim_study.metrics.mig import Mig
from sim_study.metrics.probe_concentration import ProbeConcentration

METRICS: dict[str, Metric] = {
    metric.name: metric for metric in (Mig(), Dci(), ProbeConcentration())
}
