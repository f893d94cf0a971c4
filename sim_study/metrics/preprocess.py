"""What is done to codes before any metric, so that arms compare fairly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim_study.metrics.contract import Sample

ACTIVE_FRACTION = 1e-6
"""A dimension is active when its standard deviation over the training clips exceeds this fraction
of its largest magnitude. The rule asks only whether float32 rounding could explain the variation
(6e-8): an absolute threshold, as for active units, would follow the scale of the code, which is
exactly what differs between the arms (an untrained encoder's pooled features vary by 1e-5)."""


def active_dimensions(codes: np.ndarray) -> np.ndarray:
    """Tell which dimensions vary.

    Args:
        codes: (sample, dim), the training part.

    Returns:
        (dim,) bool.
    """
    active: np.ndarray = codes.std(axis=0) > ACTIVE_FRACTION * np.abs(codes).max(axis=0)
    return active


def prepare(sample: Sample) -> Sample:
    """Drop inactive dimensions, standardise by the training part, and order canonically.

    Dimensions are ordered by their values on the clips: a fit that draws random numbers a
    dimension then gives the same result however the encoder happened to number its channels.

    Returns:
        The sample with (sample, active dim) codes of training mean 0 and standard deviation 1.
    """
    train, test = sample.train_codes.astype(np.float64), sample.test_codes.astype(np.float64)
    active = active_dimensions(train)
    train, test = train[:, active], test[:, active]
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    train, test = (train - mean) / deviation, (test - mean) / deviation
    # Rounded, so that two dimensions with equal values are not told apart by rounding errors.
    order = np.lexsort(np.round(train[::-1], 9))
    return replace(sample, train_codes=train[:, order], test_codes=test[:, order])


def select_factors(sample: Sample, factors: tuple[str, ...]) -> Sample:
    """Return the sample with only the named factors.

    Raises:
        ValueError: When the sample lacks one.
    """
    missing = sorted(set(factors) - set(sample.classes))
    if missing:
        raise ValueError(f"the sample has no factor {', '.join(missing)}; it has {sample.factors}")
    return replace(
        sample,
        train_factors={name: sample.train_factors[name] for name in factors},
        test_factors={name: sample.test_factors[name] for name in factors},
        classes={name: sample.classes[name] for name in factors},
    )


def draw(sample: Sample, samples: int, seed: int) -> Sample:
    """Return the sample with a random `samples` of its training clips.

    Every estimate here is biased by an amount that shrinks with the number of clips, so arms
    are compared at one size.

    Raises:
        ValueError: When there are fewer clips than asked for.
    """
    available = len(sample.train_codes)
    if samples > available:
        raise ValueError(f"{samples} training clips asked for, {available} available")
    kept = np.sort(np.random.default_rng(seed).permutation(available)[:samples])
    return replace(
        sample,
        train_codes=sample.train_codes[kept],
        train_factors={name: labels[kept] for name, labels in sample.train_factors.items()},
    )
