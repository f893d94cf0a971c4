from __future__ import annotations

import numpy as np
import pytest

from sim_study.metrics.contract import Measurement, Metric, Null, Reading
from sim_study.metrics.measures.mig import Mig
from sim_study.metrics.null import label_orders, nulls, summarise
from sim_study.metrics.prepared import prepare
from sim_study.metrics.registry import METRICS


class FactorAgreement(Metric):
    """Share of training clips whose factors agree, and that equal the code."""

    name = "agreement"
    quantities = Mig.quantities

    def read(self, sample, seed):
        consonant, vowel = sample.train_factors["consonant"], sample.train_factors["vowel"]
        order = np.argsort(sample.train_codes[:, 0])
        return Reading(
            {"agree": float(np.mean(consonant == vowel)), "first": float(vowel[order[0]])}
        )


def test_factors_move_together(identity_sample):
    metric, sample = FactorAgreement(), prepare(identity_sample)
    null = nulls([metric], sample, permutations=6, seed=0)[0]
    assert null["agree"].mean == pytest.approx(metric.read(sample, 0).values["agree"])
    assert null["agree"].spread == pytest.approx(0)
    assert null["first"].spread > 0


def test_metrics_that_share_draws_read_what_they_read_alone(mixed_sample):
    sample, metrics = prepare(mixed_sample), list(METRICS.values())
    together = nulls(metrics, sample, permutations=2, seed=3)
    assert together == [nulls([one], sample, permutations=2, seed=3)[0] for one in metrics]
    assert [one.name for one, null in zip(metrics, together, strict=True) if not null] == [
        "active_units"
    ]


def test_a_classifier_is_fitted_once_a_factor_and_draw(mixed_sample, monkeypatch):
    from sim_study.metrics import prepared as sample_module

    fits = []
    plain = sample_module.fit_classifier
    monkeypatch.setattr(
        sample_module,
        "fit_classifier",
        lambda *parts, **by: fits.append(parts) or plain(*parts, **by),
    )
    nulls(list(METRICS.values()), prepare(mixed_sample), permutations=3, seed=0)
    assert len(fits) == 3 * 2


def test_orders_are_permutations_that_follow_the_seed_and_the_part():
    orders = label_orders(50, 3, seed=1, part="train")
    assert (np.sort(orders, axis=1) == np.arange(50)).all()
    assert (orders == label_orders(50, 3, seed=1, part="train")).all()
    assert (orders != label_orders(50, 3, seed=2, part="train")).any()
    assert (orders != label_orders(50, 3, seed=1, part="test")).any()
    assert (orders[0] != orders[1]).any()


def test_summary():
    null = summarise([{"mig/vowel": float(value)} for value in range(19)])["mig/vowel"]
    assert null == pytest.approx(Null(mean=9.0, spread=np.sqrt(360 / 12), p95=18.0))


@pytest.mark.parametrize(("draws", "passed"), [(19, 1), (20, 1), (39, 2), (99, 5)])
def test_chance_passes_the_95th_percentile_in_at_most_one_case_of_20(draws, passed):
    """Of n + 1 values in any order, those above it: the next draw is one with equal chance."""
    p95 = Null.of([float(value) for value in range(draws)]).p95
    assert draws - p95 == passed
    assert passed / (draws + 1) <= 0.05


def test_fewer_draws_bound_nothing_and_are_read_as_before():
    assert Null.of([float(value) for value in range(10)]).p95 == pytest.approx(0.95 * 9)


def test_result_keys():
    found = Measurement(
        "any", {"mig/vowel": 0.2, "hoyer": 0.7}, {}, {},
        {"mig/vowel": Null(0.1, 0.05, 0.3), "hoyer": Null(0.4, 0.1, 0.6)}, 10, 5, 20,
    )  # fmt: skip
    assert found.flat == {
        "mig/vowel": 0.2,
        "hoyer": 0.7,
        "mig_null/vowel": 0.1,
        "mig_null_p95/vowel": 0.3,
        "hoyer_null": 0.4,
        "hoyer_null_p95": 0.6,
    }
