from __future__ import annotations

import numpy as np
import pytest

from sim_study.config.metrics import MetricsConfig
from sim_study.config.probe import ProbeConfig
from sim_study.downstream.linear_probe import fit_probes
from sim_study.metrics import evaluate as evaluate_module
from sim_study.metrics.catalogue import describe
from sim_study.metrics.evaluate import evaluate, evaluate_probe_weights
from sim_study.metrics.preprocess import prepare

QUICK = MetricsConfig(permutations=3)


def test_keys_and_nulls(identity_sample):
    values = evaluate(identity_sample, QUICK, seed=0)
    expected = {
        "mig/consonant", "mig/vowel", "mig/mean", "dci_disentanglement", "dci_completeness",
        "dci_informativeness/consonant", "dci_informativeness/vowel",
    }  # fmt: skip
    nulls = {key.replace("/", "_null/") if "/" in key else f"{key}_null" for key in expected}
    p95s = {key.replace("_null", "_null_p95") for key in nulls}
    assert set(values) == expected | nulls | p95s
    for key, value in values.items():
        assert describe(f"{key}/module_0").contains(value)
    assert values["mig/mean"] > 0.9 > 0.1 > values["mig_null/mean"]
    assert values["dci_disentanglement"] > values["dci_disentanglement_null_p95"]


def test_only_what_is_configured(identity_sample):
    config = MetricsConfig(names=("mig", "probe_weights"), factors=("vowel",), permutations=1)
    values = evaluate(identity_sample, config, seed=0)
    assert {key.partition("/")[0] for key in values} == {"mig", "mig_null", "mig_null_p95"}
    assert "mig/consonant" not in values


def test_the_seed_decides(identity_sample):
    assert evaluate(identity_sample, QUICK, 1) == evaluate(identity_sample, QUICK, 1)
    assert evaluate(identity_sample, QUICK, 1) != evaluate(identity_sample, QUICK, 2)


def test_codes_are_prepared_once(identity_sample, monkeypatch):
    calls = []
    monkeypatch.setattr(
        evaluate_module, "prepare", lambda sample: calls.append(sample) or prepare(sample)
    )
    evaluate(identity_sample, QUICK, 0)
    assert len(calls) == 1


def fitted(sample, seed=3, bias=False):
    labels = sample.train_factors["vowel"][None]
    weights, biases = fit_probes(sample.train_codes, labels, 3, ProbeConfig(), bias=bias, seed=seed)
    return weights[0], None if biases is None else biases[0]


def probe_values(sample, bias=False, permutations=5):
    weight, offset = fitted(sample, bias=bias)
    return evaluate_probe_weights(
        weight,
        offset,
        sample.train_codes,
        sample.train_factors["vowel"],
        sample.test_codes,
        sample.test_factors["vowel"],
        seed=0,
        permutations=permutations,
        probe=ProbeConfig(),
    )


@pytest.mark.parametrize("bias", [False, True])
def test_probe_on_one_dimension_beside_its_null(identity_sample, bias):
    values = probe_values(identity_sample, bias)
    assert {f"{key}_null" for key in ("hoyer", "gini", "top_k_accuracy")} <= set(values)
    assert values["hoyer"] > values["hoyer_null_p95"]
    assert values["gini"] > values["gini_null_p95"]
    assert values["effective_dimensions"] < values["effective_dimensions_null"]
    assert values["top_k_accuracy"] > 0.6 > values["top_k_accuracy_null"]


def test_probe_on_noise_is_inside_its_null(noise_sample):
    values = probe_values(noise_sample, permutations=20)
    for key in ("hoyer", "gini", "top_k_accuracy"):
        spread = values[f"{key}_null_p95"] - values[f"{key}_null"]
        assert abs(values[key] - values[f"{key}_null"]) < 3 * spread


def test_probe_on_a_constant_code_is_worst(constant_sample):
    values = probe_values(constant_sample)
    assert values["hoyer"] == values["gini"] == 0
    assert values["effective_dimensions"] == pytest.approx(constant_sample.train_codes.shape[1])
    labels = constant_sample.train_factors["vowel"], constant_sample.test_factors["vowel"]
    assert values["top_k_accuracy"] == np.mean(labels[1] == np.bincount(labels[0]).argmax())
