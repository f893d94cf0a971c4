"""What every metric of a trained probe promises (sim_study/metrics/contract.py)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim_study.config.probe import ProbeConfig
from sim_study.downstream.codes.standardise import moments
from sim_study.downstream.probes.linear_probe import fit_probes
from sim_study.metrics.contract import ProbeMetric, Sample, TrainedProbe
from sim_study.metrics.registry import PROBE_METRICS


@pytest.fixture(params=sorted(PROBE_METRICS))
def metric(request: pytest.FixtureRequest) -> ProbeMetric:
    return PROBE_METRICS[request.param]


def probe_of(sample: Sample, order: np.ndarray, scale: np.ndarray, dead: int) -> TrainedProbe:
    """A probe of the vowel, on dimensions that are then ordered, rescaled and joined by dead ones.

    A rescaled dimension has a weight that undoes it: the same logits.
    """
    labels = sample.train_factors["vowel"]
    config = ProbeConfig(standardise=True, epochs=5)
    weights, _ = fit_probes(sample.train_codes, labels[None], 3, config, bias=False, seed=3)
    unused = np.random.default_rng(4).normal(size=(3, dead))
    weight = np.hstack([(weights[0] / scale)[:, order], unused])
    train, test = (
        np.hstack([(codes * scale)[:, order], np.zeros((len(codes), dead))])
        for codes in (sample.train_codes, sample.test_codes)
    )
    scales = moments(train)
    test_labels = sample.test_factors["vowel"]
    return TrainedProbe(weight, None, scales, labels, scales.standardise(test), test_labels)


def plain(sample: Sample) -> TrainedProbe:
    dims = sample.train_codes.shape[1]
    return probe_of(sample, np.arange(dims), np.ones(dims), 0)


def compared(metric: ProbeMetric, probe: TrainedProbe) -> dict[str, float]:
    values = metric.read(probe, 0).values
    return {key: value for key, value in values.items() if metric.quantities[key].family}


@pytest.mark.parametrize("code", ["perfect", "identity", "mixed", "noise", "constant"])
def test_values_are_finite_and_in_range(metric, code, request):
    probe = plain(request.getfixturevalue(f"{code}_sample"))
    reading = metric.read(probe, 0)
    assert reading.values.keys() == metric.quantities.keys()
    for key, value in reading.values.items():
        assert np.isfinite(value), key
        assert metric.quantities[key].contains(value), (key, value)
    assert {len(part) for part in reading.by_dimension.values()} <= {probe.weight.shape[1]}


def test_same_seed_same_values(metric, mixed_sample):
    probe = plain(mixed_sample)
    assert metric.read(probe, 5).values == metric.read(probe, 5).values


def test_neither_order_nor_scale_nor_dead_dimensions_matter(metric, mixed_sample):
    dims = mixed_sample.train_codes.shape[1]
    wanted = pytest.approx(compared(metric, plain(mixed_sample)), abs=1e-6)
    order, still = np.random.default_rng(1).permutation(dims), np.arange(dims)
    scale, one = np.geomspace(1e-6, 100, dims), np.ones(dims)
    assert compared(metric, probe_of(mixed_sample, order, one, 0)) == wanted
    assert compared(metric, probe_of(mixed_sample, still, scale, 0)) == wanted
    assert compared(metric, probe_of(mixed_sample, still, one, 3)) == wanted


def test_a_probe_that_reads_off_one_dimension_is_better_than_one_that_reads_nothing(
    metric, one_dimension_probe
):
    nothing = replace(
        one_dimension_probe,
        weight=np.ones((2, 8)) * [[1.0], [-1.0]] / one_dimension_probe.scales.deviation,
        test_labels=np.tile([0, 0, 1, 1], 15),
    )
    best, worst = compared(metric, one_dimension_probe), compared(metric, nothing)
    for key, value in best.items():
        better = metric.quantities[key].better
        assert value > worst[key] if better == "higher" else value < worst[key], key
