from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest

from sim_study.metrics.contract import Metric
from sim_study.metrics.null import Null, label_orders, null_values, permutation_null, summarise


class FactorAgreement(Metric):
    """Share of training clips whose factors agree, and that equal the code."""

    name: ClassVar[str] = "agreement"
    quantity_names: ClassVar[tuple[str, ...]] = ()

    def compute(self, sample, seed):
        consonant, vowel = sample.train_factors["consonant"], sample.train_factors["vowel"]
        order = np.argsort(sample.train_codes[:, 0])
        return {
            "agree": float(np.mean(consonant == vowel)),
            "first": float(vowel[order[0]]),
        }


def test_factors_move_together(identity_sample):
    metric = FactorAgreement()
    null = permutation_null(metric, identity_sample, permutations=6, seed=0)
    assert null["agree"].mean == pytest.approx(metric.compute(identity_sample, 0)["agree"])
    assert null["agree"].p95 == pytest.approx(null["agree"].mean)
    assert null["first"].p95 > null["first"].mean


def test_orders_are_permutations_that_follow_the_seed_and_the_part():
    orders = label_orders(50, 3, seed=1, part="train")
    assert (np.sort(orders, axis=1) == np.arange(50)).all()
    assert (orders == label_orders(50, 3, seed=1, part="train")).all()
    assert (orders != label_orders(50, 3, seed=2, part="train")).any()
    assert (orders != label_orders(50, 3, seed=1, part="test")).any()
    assert (orders[0] != orders[1]).any()


def test_summary():
    null = summarise([{"mig/vowel": float(value)} for value in range(21)])["mig/vowel"]
    assert null == pytest.approx(Null(mean=10.0, p95=19.0))


def test_result_keys():
    values = null_values({"mig/vowel": Null(0.1, 0.3), "hoyer": Null(0.4, 0.6)})
    assert values == {
        "mig_null/vowel": 0.1,
        "mig_null_p95/vowel": 0.3,
        "hoyer_null": 0.4,
        "hoyer_null_p95": 0.6,
    }
