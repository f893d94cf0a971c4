"""A metric of one's own beside the project's: `python examples/own_metric.py`.

To make it one of the project's, move the class to `sim_study/metrics/measures/best_dimension.py`,
end that with `METRIC = BestDimension()`, and name it in `sim_study/config/metrics.py`: the
conformance suite then tests it, and studies measure and compare it.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from own_codes import draw_codes, split

from sim_study.metrics.contract import Metric, Prepared, Reading
from sim_study.metrics.evaluate import evaluate
from sim_study.metrics.registry import METRICS
from sim_study.naming.quantity import Quantity


class BestDimension(Metric):
    """How often the nearest class mean, along the one best dimension, names a factor."""

    name: ClassVar[str] = "best_dimension"
    quantities: ClassVar[dict[str, Quantity]] = {
        "best_dimension": Quantity(
            "Accuracy of the best dimension",
            "fraction",
            "Held-out clips whose class has the nearest mean along the dimension that is best on "
            "training clips.",
            better="higher",
            family="entanglement",
        )
    }

    def read(self, sample: Prepared, seed: int) -> Reading:
        """Return `best_dimension/<factor>`, each 0-1; draws nothing."""
        values = {}
        for factor in sample.factors:
            labels, truth = sample.train_factors[factor], sample.test_factors[factor]
            classes, counts = np.unique(labels, return_counts=True)
            named = np.full(len(truth), classes[counts.argmax()])  # of a code without dimensions
            if sample.train_codes.shape[1]:
                means = np.stack(
                    [sample.train_codes[labels == one].mean(axis=0) for one in classes]
                )
                right = _named(sample.train_codes, means, classes) == labels[:, None]
                named = _named(sample.test_codes, means, classes)[:, right.mean(axis=0).argmax()]
            values[f"best_dimension/{factor}"] = float(np.mean(named == truth))
        return Reading(values)


def _named(codes: np.ndarray, means: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return the class of the nearest mean along each dimension.

    Args:
        codes: (sample, dim).
        means: (class, dim).
        classes: (class,).

    Returns:
        (sample, dim).
    """
    return classes[np.abs(codes[:, None] - means).argmin(axis=1)]


def main() -> None:
    """Measure toy codes by the metric and by two of the project's, each beside its null."""
    METRICS["best_dimension"] = BestDimension()
    sample = split(*draw_codes(400, seed=0), fitted=300)
    names = ["best_dimension", "mig", "sap"]
    for result in evaluate(sample, names, permutations=10, bins=20, seed=0):
        for key, value in result.values.items():
            chance = result.nulls[key]
            print(f"{key:<28} {value:.3f}   chance {chance.mean:.3f} ±{chance.spread:.3f}")


if __name__ == "__main__":
    main()
