"""How many dimensions keep nine tenths of what a probe reads?"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np

from sim_study.config.identity import seed_for
from sim_study.downstream.probes.linear_probe import majority_accuracy
from sim_study.metrics.contract import ProbeMetric, Reading, TrainedProbe
from sim_study.metrics.label_weights import heaviest_dimensions, standardised_probe
from sim_study.naming.quantity import PADDED, Quantity

SHARE = 0.9
"""Of the accuracy above chance that all dimensions give."""
RANDOM_ORDERS = 20


class DimensionsKept(ProbeMetric):
    """Dimensions that keep nine tenths of what a probe reads, beside the same in random orders.

    The order is its own control: a probe of permuted labels reads nothing that could be kept.
    """

    name = "dimensions_kept"
    quantities: ClassVar = {
        "dimensions_for_90": Quantity(
            "Dimensions for 90 % of the accuracy",
            "dimensions",
            "How many of its heaviest dimensions keep 90 % of a probe's accuracy above chance on "
            "test clips, the others held at their mean; read from the best non-decreasing curve; "
            "all of them where the probe does not beat chance by more than luck; sampled code."
            + PADDED,
            better="lower",
            family="entanglement",
            low=1,
            chance="none",
            reads_probe_weights=True,
            aligned=True,
        ),
        "dimensions_for_90_random_order": Quantity(
            "Dimensions for 90 % of the accuracy, random order",
            "dimensions",
            "The same when dimensions are added in a random order; mean over orders.",
            family=None,
            low=1,
            chance="none",
        ),
    }

    def read(self, probe: TrainedProbe, seed: int) -> Reading:
        """Return both numbers."""
        weight, bias = standardised_probe(probe.weight, probe.bias, probe.scales)
        chance = majority_accuracy(probe.train_labels, probe.test_labels)
        found = kept(weight, bias, probe.test_codes, probe.test_labels, chance, RANDOM_ORDERS, seed)
        return Reading(found.values)


METRIC = DimensionsKept()


class Kept(NamedTuple):
    """A probe's accuracy on test clips against the number of dimensions kept.

    Args:
        accuracy: (dim,), fraction 0-1; entry k - 1 with the k heaviest dimensions.
        random: (order, dim), the same in random orders.
        chance: Accuracy of always naming the most frequent label.
        goal: Accuracy that counts as kept.
        reads: Whether all dimensions beat chance by more than luck.
        needed: Dimensions that keep it.
        needed_at_random: The same in a random order, mean over orders. Both are all dimensions
            where these do not beat chance: there is nothing to keep.
    """

    accuracy: np.ndarray
    random: np.ndarray
    chance: float
    goal: float
    reads: bool
    needed: int
    needed_at_random: float

    @property
    def values(self) -> dict[str, float]:
        """Both numbers, by the first part of their keys."""
        return {
            "dimensions_for_90": float(self.needed),
            "dimensions_for_90_random_order": self.needed_at_random,
        }


def kept(
    weight: np.ndarray,
    bias: np.ndarray,
    codes: np.ndarray,
    labels: np.ndarray,
    chance: float,
    orders: int,
    seed: int,
) -> Kept:
    """Measure how many dimensions keep 90 % of a probe's accuracy above chance.

    The probe is not fitted again; the dimensions left out are held at their mean over the training
    part. The order comes from the weights alone, the accuracy from test clips.

    Args:
        weight: (label, dim), of a probe on standardised codes.
        bias: (label,).
        codes: (sample, dim), of the test part, standardised.
        labels: (sample,) int64.
        chance: Accuracy of always naming the most frequent training label, fraction 0-1.
        orders: Random orders beside the probe's own.
        seed: Of those.
    """
    own = accuracy_in_order(weight, bias, codes, labels, heaviest_dimensions(weight))
    random = np.random.default_rng(seed_for(seed, "kept"))
    others = np.stack(
        [
            accuracy_in_order(weight, bias, codes, labels, random.permutation(weight.shape[1]))
            for _ in range(orders)
        ]
    )
    goal = chance + SHARE * (float(own[-1]) - chance)
    reads = beats_chance(float(own[-1]), chance, len(labels))
    needed = [dimensions_needed(one, goal) if reads else len(own) for one in (own, *others)]
    return Kept(own, others, chance, goal, reads, needed[0], float(np.mean(needed[1:])))


def accuracy_in_order(
    weight: np.ndarray, bias: np.ndarray, codes: np.ndarray, labels: np.ndarray, order: np.ndarray
) -> np.ndarray:
    """Add dimension after dimension to a probe; return its accuracy after each.

    Args:
        weight: (label, dim), of a probe on standardised codes.
        bias: (label,).
        codes: (sample, dim) standardised: a dimension left out is held at its mean, 0.
        labels: (sample,) int64.
        order: (dim,) indices.

    Returns:
        (dim,), fraction 0-1.
    """
    logits = np.tile(bias, (len(codes), 1))  # (sample, label)
    accuracy = np.empty(len(order))
    for position, dimension in enumerate(order):
        logits += np.outer(codes[:, dimension], weight[:, dimension])
        accuracy[position] = np.mean(logits.argmax(axis=1) == labels)
    return accuracy


def beats_chance(accuracy: float, chance: float, samples: int) -> bool:
    """Whether an accuracy is larger than what luck with the test samples gives in 95 % of cases.

    Without this, a code that holds nothing would need a single dimension as often as not. The
    number of hits among the scored samples is taken as binomial.
    """
    from scipy.stats import binom

    return bool(round(accuracy * samples) > binom.ppf(0.95, samples, chance))


def dimensions_needed(accuracy: np.ndarray, goal: float) -> int:
    """Return how many dimensions reach a goal that all of them reach.

    Accuracies on a few hundred clips scatter: a first number that reaches the goal may be lucky,
    and a last one that misses it unlucky. So the number is read from the non-decreasing curve that
    fits them best.

    Args:
        accuracy: (dim,) with 1 to all dimensions.
        goal: At most the last of these.

    Returns:
        1 to dim.

    Source:
        Isotonic regression: Barlow et al. 1972, "Statistical inference under order restrictions".
    """
    from scipy.optimize import isotonic_regression

    rising = isotonic_regression(accuracy).x  # (dim,)
    return int(np.argmax(rising >= goal - 1e-12)) + 1
