"""Total correlation of what is handed on: one sample of the latents."""

from __future__ import annotations

from typing import ClassVar

from sim_study.metrics.contract import Metric, Prepared, Reading
from sim_study.metrics.measures.total_correlation import gaussian_total_correlation
from sim_study.naming.quantity import AS_MEASURED, Quantity


class TotalCorrelationSampled(Metric):
    """Total correlation of the sampled code, see `total_correlation`.

    A code whose latents have no spread is its own sample, and reads the same in both.
    """

    name = "total_correlation_sampled"
    reads_sample = True
    quantities: ClassVar = {
        "total_correlation_sampled": Quantity(
            "Total correlation, sampled code",
            "nats",
            "The same of one sample of the latents, whose noise fills directions in which their "
            "means hardly vary; never alone a finding." + AS_MEASURED,
            better="lower",
            family="dependence",
            chance="independent dimensions",
        )
    }

    def read(self, sample: Prepared, seed: int) -> Reading:
        """Return `total_correlation_sampled`; draws nothing."""
        assert sample.sampled_codes is not None, "prepare gives every sample some"
        value, _ = gaussian_total_correlation(sample.sampled_codes)
        return Reading({"total_correlation_sampled": value})


METRIC = TotalCorrelationSampled()
