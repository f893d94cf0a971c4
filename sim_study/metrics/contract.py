"""What every entanglement metric takes, gives and promises.

The promises, checked for every metric by one conformance suite:

- values are finite and inside the quantity's range; the same seed gives the same values;
- neither the order of the dimensions nor a positive rescaling of one changes a value;
- a code with one dimension a factor is near best, independent noise near the permutation null;
- a code without active dimensions scores worst: 0, except for an accuracy, which is that of
  naming the most frequent training class.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim_study.config.metrics import MetricsConfig
from sim_study.metrics.catalogue import CATALOGUE
from sim_study.metrics.quantity import Quantity


@dataclass(frozen=True)
class Sample:
    """Codes and known factors of two disjoint sets of clips.

    Args:
        train_codes, test_codes: (sample, dim) floating, one pooled code a clip.
        train_factors, test_factors: Class index by factor name, (sample,) int64.
        classes: Class names by factor name.

    Raises:
        ValueError: When shapes disagree, a part is empty, or a code is not finite.
    """

    train_codes: np.ndarray
    test_codes: np.ndarray
    train_factors: Mapping[str, np.ndarray]
    test_factors: Mapping[str, np.ndarray]
    classes: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        for part, codes, factors in (
            ("train", self.train_codes, self.train_factors),
            ("test", self.test_codes, self.test_factors),
        ):
            if codes.ndim != 2 or len(codes) == 0:
                raise ValueError(f"{part}_codes must be (sample, dim), not {codes.shape}")
            if not np.isfinite(codes).all():
                raise ValueError(f"{part}_codes must be finite")
            if set(factors) != set(self.classes):
                raise ValueError(f"{part}_factors must be {sorted(self.classes)}")
            for name, labels in factors.items():
                if labels.shape != (len(codes),):
                    raise ValueError(f"{part}_factors[{name!r}] must have one label a code")
        if self.train_codes.shape[1] != self.test_codes.shape[1]:
            raise ValueError("train_codes and test_codes must have the same dimensions")

    @property
    def factors(self) -> tuple[str, ...]:
        """Factor names, sorted."""
        return tuple(sorted(self.classes))


class Prepared(Sample):
    """A sample whose codes `preprocess.prepare` has standardised, once for all metrics."""


class Metric(ABC):
    """An entanglement metric."""

    name: ClassVar[str]
    quantity_names: ClassVar[tuple[str, ...]]

    @property
    def quantities(self) -> dict[str, Quantity]:
        """What the metric measures, by the first part of its keys."""
        return {name: CATALOGUE[name] for name in self.quantity_names}

    def configured(self, config: MetricsConfig) -> Metric:
        """Return this metric under the settings of `config`."""
        return self

    @abstractmethod
    def compute(self, sample: Prepared, seed: int) -> dict[str, float]:
        """Measure one layer's codes.

        Args:
            sample: Codes without inactive dimensions, perhaps without any dimension.
            seed: Of whatever the metric draws.

        Returns:
            Values by `quantity` or `quantity/target`; the caller appends the layer.
        """
