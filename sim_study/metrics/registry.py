"""Every metric of a code, by its name in a configuration.

`probe_weights` is not among them: it examines a trained probe, see `evaluate_probe_weights`. Nor
is UDR, which takes the codes of several encoders.
"""

from __future__ import annotations

from sim_study.metrics.contract import Metric
from sim_study.metrics.measures.active_units import ActiveUnits
from sim_study.metrics.measures.dci import Dci
from sim_study.metrics.measures.infomec import InfoMec
from sim_study.metrics.measures.kde_reference import KdeReference
from sim_study.metrics.measures.mig import Mig
from sim_study.metrics.measures.modularity_explicitness import ModularityExplicitness
from sim_study.metrics.measures.sap import Sap
from sim_study.metrics.measures.total_correlation import TotalCorrelation

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Mig(),
        Sap(),
        Dci(),
        ModularityExplicitness(),
        InfoMec(),
        TotalCorrelation(),
        KdeReference(),
        ActiveUnits(),
    )
}
