import numpy as np
import pytest

from sim_study.config.probe import ProbeConfig
from sim_study.config.trial import Trial
from sim_study.errors import UserError
from sim_study.ledger.ledger import TrialFolder
from sim_study.views.probed import SAMPLED, Probed, read_probe_trial


def trial_folder(path, features, weights, **probe):
    folder = TrialFolder(path)
    trial = Trial(
        stage="probe", config=ProbeConfig(**probe), seed=1, corpus_fingerprint="f", upstream="e"
    )
    folder.begin(trial)
    folder.artifacts.mkdir()
    np.savez(path / "features.npz", **features)
    np.savez(folder.artifacts / "probe_weights.npz", **weights)
    return folder


def test_targets_layers_and_classes_are_read_in_order(tmp_path, make_arrays):
    found = read_probe_trial(trial_folder(tmp_path / "t", *make_arrays(), standardise=True))
    assert found.targets == ["vowel"]
    assert found.layers == ["module_0", "context"]
    assert found.classes("vowel") == ("a", "i")
    assert found.standardised


def test_a_probe_on_raw_and_one_on_standardised_codes_are_the_same_readout(make_arrays):
    features, weights = make_arrays()
    key = f"{SAMPLED}/vowel/module_0"
    random = np.random.default_rng(1)
    weight = random.standard_normal((2, 8)).astype(np.float32)
    raw = Probed(features, weights | {key: weight}, False).readout("vowel", "module_0", 99, 0)
    test = features[f"{SAMPLED}/test/module_0"].astype(float)
    logits = raw.codes @ raw.standard_weight.T + raw.standard_bias
    np.testing.assert_allclose(logits, test @ weight.T, rtol=1e-5)
    deviation = features[f"{SAMPLED}/train/module_0"].astype(float).std(axis=0)
    scaled = Probed(features, weights | {key: weight * deviation}, True)
    same = scaled.readout("vowel", "module_0", 99, 0)
    np.testing.assert_allclose(same.standard_weight, raw.standard_weight, rtol=1e-6)
    assert same.standard_bias.tolist() == [0, 0]


def test_a_dead_dimension_carries_nothing_whatever_its_weight(make_arrays):
    features, weights = make_arrays()
    for split in ("train", "test"):
        features[f"{SAMPLED}/{split}/module_0"][:, 5] = 1.5
    weights[f"{SAMPLED}/vowel/module_0"][0, 5] = 100.0
    for standardised in (False, True):
        one = Probed(features, weights, standardised).readout("vowel", "module_0", 99, 0)
        assert one.standard_weight[:, 5].tolist() == [0, 0]


def test_a_label_of_frames_is_read_from_frames(make_arrays):
    features, weights = make_arrays()
    for split in ("train", "test"):
        features[f"frames/{split}/label/phone"] = np.arange(100) % 3
        of_module = features[f"frames/{SAMPLED}/{split}/module_0"]
        features[f"labelled/{SAMPLED}/{split}/module_0"] = of_module + 7  # averaged over 10 ms
    weights |= {
        f"{SAMPLED}/phone/module_0": np.zeros((3, 8)),
        "classes/phone": np.array(["SIL", "AA", "B"]),
    }
    one = Probed(features, weights, False).readout("phone", "module_0", 40, 0)
    assert (one.codes.shape, one.labels.shape) == ((40, 8), (40,))
    assert one.classes == ("SIL", "AA", "B")
    assert one.chance == pytest.approx(0.34)


def test_a_missing_file_and_an_old_one_are_named(tmp_path, make_arrays):
    features, weights = make_arrays()
    old = {k: v for k, v in features.items() if not k.startswith(("label", "frames", "classes"))}
    folder = trial_folder(tmp_path / "old", old, weights)
    with pytest.raises(UserError, match=r"features.npz: holds no labels and no single frames; an"):
        read_probe_trial(folder)
    folder = trial_folder(tmp_path / "lost", features, weights)
    for path in (folder.path / "features.npz", folder.artifacts / "probe_weights.npz"):
        path.unlink()
    with pytest.raises(UserError) as error:
        read_probe_trial(folder)
    assert [problem.law for problem in error.value.problems] == ["is missing", "is missing"]
