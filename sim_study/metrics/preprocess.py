"""What is done to codes before any metric, so that arms compare fairly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim_study.config.metrics import MetricsConfig
from sim_study.downstream.codes.standardise import moments, standardise
from sim_study.metrics.sample import Prepared, Sample


def prepare(sample: Sample, bins: int = MetricsConfig.model_fields["bins"].default) -> Prepared:
    """Standardise by the training part, drop inactive dimensions, and order canonically.

    Inactive is a dimension whose standard deviation rounding can explain, see
    `downstream.standardise.CONSTANT_SPREAD`.

    Dimensions are ordered by their values on the clips: a fit that stops at a tolerance then
    gives the same result however the encoder happened to number its channels.

    Args:
        sample: Codes and factors as given.
        bins: Equal-width bins a dimension, for mutual information.

    Returns:
        The sample with (sample, active dim) codes of training mean 0 and standard deviation 1,
        in double precision.
    """
    given, test = sample.train_codes.astype(np.float64), sample.test_codes.astype(np.float64)
    active = np.flatnonzero(moments(given).varies)
    train, test = (codes[:, active] for codes in standardise(given, test))
    # Rounded, so that two dimensions with equal values are not told apart by rounding errors.
    order = np.lexsort(np.round(train[::-1], 9)) if len(active) else np.zeros(0, np.int64)
    return Prepared(
        train[:, order],
        test[:, order],
        sample.train_factors,
        sample.test_factors,
        sample.classes,
        raw_codes=given[:, active[order]],
        dimensions=active[order],
        given=given.shape[1],
        bins=bins,
    )


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
