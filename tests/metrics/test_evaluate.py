from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim_study.config.probe import PhoneProbeConfig, ProbeConfig
from sim_study.downstream.probes.linear_probe import fit_probes
from sim_study.metrics import evaluate as evaluate_module
from sim_study.metrics.catalogue import describe
from sim_study.metrics.evaluate import evaluate
from sim_study.metrics.evaluate_probe import evaluate_probe
from sim_study.metrics.label_weights import shares
from sim_study.metrics.prepared import prepare
from sim_study.metrics.probe_null import of_clips, of_frames
from sim_study.metrics.registry import METRICS


def flat(sample, names=("mig", "dci"), permutations=3, bins=20, seed=0) -> dict[str, float]:
    found = evaluate(sample, names, permutations=permutations, bins=bins, seed=seed)
    assert [one.metric for one in found] == list(names)
    return {key: value for one in found for key, value in one.flat.items()}


def test_keys_and_nulls(identity_sample):
    values = flat(identity_sample)
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


def test_every_key_of_every_metric_is_in_the_catalogue(mixed_sample):
    for key, value in flat(mixed_sample, tuple(METRICS)).items():
        assert describe(f"{key}/module_0").contains(value), key


def test_sample_sizes_and_permutations_are_told(identity_sample):
    mig, units = evaluate(identity_sample, ("mig", "active_units"), permutations=3, bins=9, seed=0)
    assert (mig.train_samples, mig.test_samples, mig.permutations) == (1200, 400, 3)
    assert (units.nulls, units.permutations) == ({}, 0)


def test_parts_are_in_the_order_of_the_given_dimensions(identity_sample):
    def padded(codes):
        return np.hstack([np.full((len(codes), 1), 0.7), codes])

    sample = replace(
        identity_sample,
        train_codes=padded(identity_sample.train_codes),
        test_codes=padded(identity_sample.test_codes),
    )
    mig, dci = evaluate(sample, ("mig", "dci"), permutations=1, bins=20, seed=0)
    for part in (mig.by_dimension["information"], dci.by_dimension["importance"]):
        assert np.isnan(part[0]).all()  # the dead dimension
        assert part.shape == (13, 2)
        assert np.nanargmax(part, axis=0).tolist() == [1, 2]  # consonant, vowel
    assert dci.by_factor["accuracy"].shape == (2,)


def test_bins_are_the_callers(mixed_sample):
    few, many = (flat(mixed_sample, bins=bins)["mig/mean"] for bins in (2, 20))
    assert few != many


def test_the_seed_decides(identity_sample):
    assert flat(identity_sample, seed=1) == flat(identity_sample, seed=1)
    assert flat(identity_sample, seed=1) != flat(identity_sample, seed=2)


def test_codes_are_prepared_once(identity_sample, monkeypatch):
    calls = []
    monkeypatch.setattr(
        evaluate_module, "prepare", lambda *given: calls.append(given) or prepare(*given)
    )
    flat(identity_sample)
    assert len(calls) == 1


def fitted(sample, seed=3, bias=False):
    labels = sample.train_factors["vowel"][None]
    weights, biases = fit_probes(sample.train_codes, labels, 3, ProbeConfig(), bias=bias, seed=seed)
    return weights[0], None if biases is None else biases[0]


def probe_values(sample, bias=False, permutations=5):
    weight, offset = fitted(sample, bias=bias)
    (found,) = evaluate_probe(
        weight,
        offset,
        (sample.train_codes, sample.train_factors["vowel"]),
        (sample.test_codes, sample.test_factors["vowel"]),
        ("mig", "probe_weights"),
        permutations=permutations,
        seed=0,
        fit_null=of_clips(ProbeConfig()),
    )
    return found.flat


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


def test_null_probes_of_frames_take_one_step_an_utterance(identity_sample):
    """Without a step the start is left: Xavier-normal, wider than that of clips' probes."""
    labels = np.stack([identity_sample.train_factors["vowel"]] * 40)
    codes = identity_sample.train_codes
    still = of_frames(PhoneProbeConfig(learning_rate=1e-12), 7)(codes, labels, 3, False, 0)
    assert still[1] is None
    assert still[0].shape == (40, 3, 12)
    assert still[0].std() == pytest.approx(np.sqrt(2 / (12 + 3)), rel=0.1)
    moved = of_frames(PhoneProbeConfig(epochs=2, learning_rate=1e-3), 7)(codes, labels, 3, False, 0)
    # Adam's first steps are as long as the learning rate: 2 epochs of 7.
    assert np.abs(moved[0] - still[0]).max() == pytest.approx(14e-3, rel=0.05)


def test_a_probes_shares_say_which_dimension_carries_a_label(identity_sample):
    weight, _ = fitted(identity_sample)
    found = shares(weight, identity_sample.train_codes.std(axis=0))  # (label, dim)
    assert found.shape == (3, 12)
    assert found.sum(axis=1) == pytest.approx(np.ones(3))
    assert (found.argmax(axis=1)[[0, 2]] == 1).all()  # the outer vowels
