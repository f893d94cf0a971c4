import numpy as np
import pytest

from sim_study.ledger.feature_file import SAMPLED
from sim_study.views.shown_probe import shown_probe


def test_a_probe_on_raw_and_one_on_standardised_codes_are_the_same_readout(make_arrays, make_trial):
    features, weights = make_arrays()
    key = f"{SAMPLED}/vowel/module_0"
    random = np.random.default_rng(1)
    weight = random.standard_normal((2, 8)).astype(np.float32)
    trial = make_trial(features, weights | {key: weight})
    raw = shown_probe(trial, "vowel", "module_0", 99, 0)
    test = features[f"{SAMPLED}/test/module_0"].astype(float)
    logits = raw.codes @ raw.standard_weight.T + raw.standard_bias
    np.testing.assert_allclose(logits, test @ weight.T, rtol=1e-5)
    deviation = features[f"{SAMPLED}/train/module_0"].astype(float).std(axis=0)
    scaled = make_trial(features, weights | {key: weight * deviation}, standardise=True)
    same = shown_probe(scaled, "vowel", "module_0", 99, 0)
    np.testing.assert_allclose(same.standard_weight, raw.standard_weight, rtol=1e-6)
    assert same.standard_bias.tolist() == [0, 0]


def test_a_dead_dimension_carries_nothing_whatever_its_weight(make_arrays, make_trial):
    features, weights = make_arrays()
    for split in ("train", "test"):
        features[f"{SAMPLED}/{split}/module_0"][:, 5] = 1.5
    weights[f"{SAMPLED}/vowel/module_0"][0, 5] = 100.0
    for standardised in (False, True):
        trial = make_trial(features, weights, standardise=standardised)
        one = shown_probe(trial, "vowel", "module_0", 99, 0)
        assert one.standard_weight[:, 5].tolist() == [0, 0]


def test_a_label_of_frames_is_read_from_frames(make_arrays, make_trial):
    features, weights = make_arrays()
    for split in ("train", "test"):
        features[f"frames/{split}/label/phone"] = np.arange(100) % 3
        of_module = features[f"frames/{SAMPLED}/{split}/module_0"]
        features[f"labelled/{SAMPLED}/{split}/module_0"] = of_module + 7  # averaged over 10 ms
    weights |= {
        f"{SAMPLED}/phone/module_0": np.zeros((3, 8)),
        "classes/phone": np.array(["SIL", "AA", "B"]),
    }
    one = shown_probe(make_trial(features, weights), "phone", "module_0", 40, 0)
    assert (one.codes.shape, one.labels.shape) == ((40, 8), (40,))
    assert one.classes == ("SIL", "AA", "B")
    assert one.chance == pytest.approx(0.34)
