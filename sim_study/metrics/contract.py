"""What every entanglement metric takes, gives and promises.

The promises, checked for every metric by one conformance suite:

- values are finite and inside the quantity's range; the same seed gives the same values;
- neither the order of the dimensions nor a positive rescaling of one changes a value;
- a code with one dimension a factor is near best, independent noise near the metric's null;
- a code without active dimensions scores worst: 0, except for an accuracy, which is that of
  naming the most frequent training class, and for a separation, which is 0.5.

A metric that measures the code alone, not the code against the factors, keeps the first two; one
that follows the scale of the code says so (`follows_scale`).

A quantity that claims that axes go with factors says so (`Quantity.aligned`), and is then held
against random rotations of the code and its aligned twin without a line of its own: a rotated code
must read an alignment of 0 within its spread, one of a dimension a factor more than 0.9.

A metric is one file of `measures/`, named as in a configuration, whose `METRIC` it is, and its name
in `config/metrics.py`; tables, figures, captions and the JSON schema come from its quantities.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, get_args

import numpy as np

from sim_study.metrics.alignment import Alignment
from sim_study.metrics.prepared import Prepared
from sim_study.metrics.sample import Sample
from sim_study.metrics.trained_probe import TrainedProbe
from sim_study.naming.quantity import Chance, Quantity

__all__ = [
    "Alignment",
    "Measurement",
    "Metric",
    "Null",
    "Prepared",
    "ProbeMetric",
    "Quantified",
    "Reading",
    "Sample",
    "TrainedProbe",
]


@dataclass(frozen=True)
class Reading:
    """What a metric reads of one code.

    Args:
        values: By `quantity` or `quantity/target`; the caller appends the layer.
        by_dimension: By name: (dim,) or (dim, factor), rows as the prepared code's dimensions.
        by_factor: By name: (factor,), in the order of the sample's factors.
    """

    values: Mapping[str, float]
    by_dimension: Mapping[str, np.ndarray] = field(default_factory=dict)
    by_factor: Mapping[str, np.ndarray] = field(default_factory=dict)


class Null(NamedTuple):
    """Mean, standard deviation and 95th percentile of what chance reads.

    A value above `p95` is one that chance passes in at most one case of 20: of 19 draws, the
    largest. Fewer draws bound no such thing; of them it is what lies at 95 % of the way between the
    smallest and the largest in rank, as before version 0.2.
    """

    mean: float
    spread: float
    p95: float

    @classmethod
    def of(cls, draws: Sequence[float]) -> Null:
        """Summarise what was read under each draw."""
        # Of n draws the k-th smallest is passed by the next with probability 1 - k / (n + 1).
        rank = math.ceil(0.95 * (len(draws) + 1) - 1e-9)
        enough = rank <= len(draws)
        p95 = np.sort(draws)[rank - 1] if enough else np.quantile(draws, 0.95)
        return cls(float(np.mean(draws)), float(np.std(draws)), float(p95))


@dataclass(frozen=True)
class Measurement:
    """What a metric reads of one code, beside what chance reads.

    Args:
        metric: Its name.
        values: By `quantity` or `quantity/target`.
        by_dimension: By name: (given dim,) or (given dim, factor); NaN for inactive dimensions.
        by_factor: By name: (factor,).
        nulls: By the keys of `values`; empty for a metric that chance does not touch.
        train_samples: Codes that something was fitted to.
        test_samples: Codes that were scored.
        permutations: Draws behind each null.
        alignments: By the keys of `values` whose quantity claims that axes go with factors; empty
            where nothing was rotated.
        rotations: Rotations behind each of these.
    """

    metric: str
    values: Mapping[str, float]
    by_dimension: Mapping[str, np.ndarray]
    by_factor: Mapping[str, np.ndarray]
    nulls: Mapping[str, Null]
    train_samples: int
    test_samples: int
    permutations: int
    alignments: Mapping[str, Alignment] = field(default_factory=dict)
    rotations: int = 0

    @property
    def flat(self) -> dict[str, float]:
        """Values, nulls and alignments under result keys, such as `mig_null_p95/vowel`."""
        found = dict(self.values)
        for key, null in self.nulls.items():
            quantity, slash, target = key.partition("/")
            found[f"{quantity}_null{slash}{target}"] = null.mean
            found[f"{quantity}_null_p95{slash}{target}"] = null.p95
        for key, one in self.alignments.items():
            quantity, slash, target = key.partition("/")
            found[f"{quantity}_rotated{slash}{target}"] = one.rotated
            found[f"{quantity}_rotated_spread{slash}{target}"] = one.spread
            found[f"{quantity}_ceiling{slash}{target}"] = one.ceiling
            if one.alignment is not None:
                found[f"{quantity}_alignment{slash}{target}"] = one.alignment
        return found


class Quantified(ABC):
    """Whatever has quantities of its own under one name.

    `name` is that of its file in `measures/`; `quantities` are what it reports, by the first part
    of a key, all with the same kind of chance.
    """

    chances: ClassVar[tuple[Chance, ...]] = get_args(Chance)
    """Those of which there is a null for its kind."""

    name: ClassVar[str]
    quantities: ClassVar[Mapping[str, Quantity]]

    @property
    def chance(self) -> Chance:
        """What the null draws anew."""
        return next(iter(self.quantities.values())).chance


class Metric(Quantified):
    """An entanglement metric of codes."""

    chances: ClassVar[tuple[Chance, ...]] = ("permuted labels", "independent dimensions", "none")
    follows_scale: ClassVar[bool] = False
    """Whether a rescaled dimension changes a value."""
    reads_sample: ClassVar[bool] = False
    """Whether it reads one sample of the latents (`Sample.sampled_codes`) too."""

    @abstractmethod
    def read(self, sample: Prepared, seed: int) -> Reading:
        """Measure one code.

        Args:
            sample: Codes without inactive dimensions, perhaps without any dimension.
            seed: Of whatever the metric draws.
        """


class ProbeMetric(Quantified):
    """A metric of the probe without bias that was trained on a layer's sampled code.

    It promises the first two of the above, of every quantity that is compared.
    """

    chances: ClassVar[tuple[Chance, ...]] = ("permuted labels", "none")

    @abstractmethod
    def read(self, probe: TrainedProbe, seed: int) -> Reading:
        """Measure one probe.

        Args:
            probe: The probe, with the codes and labels that it is scored on.
            seed: Of whatever the metric draws.
        """
