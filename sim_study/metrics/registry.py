"""Every metric of a code, by its name in a configuration.

`probe_weights` is not among them: it examines a trained probe, see `evaluate_probe_weights`.
"""

from __future__ import annotations

from sim_study.metrics.contract import Metric
from sim_study.metrics.dci import Dci
from sim_study.metrics.mig import Mig

METRICS: dict[str, Metric] = {metric.name: metric for metric in (Mig(), Dci())}
