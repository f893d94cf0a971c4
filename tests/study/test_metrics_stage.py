"""What the metrics stage makes of a probe trial's arrays."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from sim_study.config.metrics import MetricsConfig
from sim_study.config.probe import ProbeConfig
from sim_study.config.trial import Trial
from sim_study.config.views import ViewsConfig
from sim_study.downstream.probes.logistic import fit_logistic
from sim_study.errors import UserError
from sim_study.ledger.feature_file import FeatureFile
from sim_study.ledger.ledger import Ledger
from sim_study.ledger.probe_trial import ProbeTrial
from sim_study.ledger.probe_weight_file import ProbeWeightFile
from sim_study.ledger.records import Result
from sim_study.metrics.catalogue import describe
from sim_study.metrics.evaluate import evaluate
from sim_study.metrics.null import permuted_labels
from sim_study.metrics.prepared import prepare
from sim_study.study.stages.layer_sample import layer_sample
from sim_study.study.stages.metrics_stage import run_metrics
from sim_study.views.show import write_views

LAYERS = ("module_0", "context")
CLIPS, FRAMES, DIMS = {"train": 90, "test": 45}, {"train": 300, "test": 150}, 5


def arrays_of_speech(*, phones: bool) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Clips whose dimension 0 is their speaker or vowel; frames whose dimension 1 is the phone."""
    generator = np.random.default_rng(0)
    features: dict[str, np.ndarray] = {}
    weights: dict[str, np.ndarray] = {}
    clip_factors = ("speaker",) if phones else ("consonant", "vowel")
    frame_factors = ("phone", "speaker") if phones else ()
    for name in {*clip_factors, *frame_factors}:
        features[f"classes/{name}"] = np.array(["x", "y", "z"])
    for start, sizes, factors in (("", CLIPS, clip_factors), ("frames/", FRAMES, frame_factors)):
        for split, count in sizes.items():
            labels = {name: generator.integers(0, 3, count) for name in factors}
            for name, values in labels.items():
                place = f"frames/{split}/label" if start else f"label/{split}"
                features[f"{place}/{name}"] = values
            for layer in LAYERS:
                codes = generator.normal(size=(count, DIMS)).astype(np.float32)
                for dim, values in enumerate(reversed(labels.values())):
                    codes[:, dim] = values + 0.1 * codes[:, dim]
                for protocol in ("probe_accuracy", "probe_interpretability"):
                    features[f"{start}{protocol}/{split}/{layer}"] = codes
                    if start:
                        features[f"labelled/{protocol}/{split}/{layer}"] = codes
    for target in {*clip_factors, *frame_factors}:
        weights[f"classes/{target}"] = np.array(["x", "y", "z"])
        for layer in LAYERS:
            key = f"probe_interpretability/{target}/{layer}"
            weights[key] = generator.normal(size=(3, DIMS)).astype(np.float32)
            weights[key][:, int(target == "phone")] += (-9, 0, 9)  # where the target is
    return features, weights


def run(
    tmp_path: Path,
    phones: bool,
    standardise: bool = False,
    converged: bool = False,
    **config: object,
) -> tuple[dict[str, float], Path]:
    """Run the stage on a probe trial that was never fitted."""
    ledger = Ledger(tmp_path)
    features, weights = arrays_of_speech(phones=phones)
    targets = ("phone", "speaker") if phones else ("vowel",)
    probe = Trial(
        stage="probe",
        config=ProbeConfig(targets=targets, epochs=2, standardise=standardise),
        seed=1,
        corpus_fingerprint="f" * 16,
        upstream="e" * 16,
    )
    folder = ledger.folder(probe.trial_id)
    folder.begin(probe)
    folder.artifacts.mkdir(parents=True, exist_ok=True)
    # A probe's clips have no frames of their own where frames have no labels, but are kept too.
    features.setdefault("frames/probe_accuracy/test/module_0", np.zeros((2, DIMS)))
    if converged:
        for layer in LAYERS:
            codes, labels = (
                features[f"probe_interpretability/train/{layer}"],
                features["label/train/vowel"],
            )
            fit = fit_logistic(codes, labels, np.arange(len(codes)), 3, bias=False)
            weights[f"accuracy_sampled/vowel/{layer}"] = fit.standard_weight
        chosen = {f"accuracy_sampled_penalty/vowel/{layer}": fit.penalty for layer in LAYERS}
        folder.end(Result(status="finished", metrics=chosen))
    np.savez(folder.path / "features.npz", **features)
    np.savez(folder.artifacts / "probe_weights.npz", **weights)
    settings = MetricsConfig.model_validate({"permutations": 3, **config})
    trial = Trial(
        stage="metrics",
        config=settings,
        seed=1,
        corpus_fingerprint="f" * 16,
        upstream=probe.trial_id,
    )
    utterances = [None] * 7
    bench = SimpleNamespace(
        upstream=lambda trial: folder,
        folder=ledger.folder(trial.trial_id),
        corpus=SimpleNamespace(utterances=lambda split: utterances),
    )
    return run_metrics(trial, settings, bench), bench.folder.artifacts  # type: ignore[arg-type]


def test_clips_are_held_against_consonant_and_vowel(tmp_path):
    metrics, _ = run(tmp_path, phones=False)
    for layer in LAYERS:
        assert metrics[f"mig/vowel/{layer}"] > 0.8 > 0.3 > metrics[f"mig_null_p95/vowel/{layer}"]
        assert metrics[f"infom/{layer}"] > 0.8
        assert metrics[f"total_correlation/{layer}"] < 0.1
        assert f"hoyer_null/vowel/{layer}" in metrics
        assert f"active_dimensions_null/{layer}" not in metrics
    for key, value in metrics.items():
        assert describe(key).contains(value), key


def test_frames_are_held_against_phone_and_speaker(tmp_path):
    metrics, artifacts = run(tmp_path, phones=True, factors=("phone", "speaker"))
    for layer in LAYERS:
        assert metrics[f"mig/phone/{layer}"] > 0.8
        assert metrics[f"mig/speaker/{layer}"] > 0.8
        assert f"hoyer_null/phone/{layer}" in metrics  # of frames' probes
        assert f"hoyer_null/speaker/{layer}" in metrics  # of clips' probes
    with (artifacts / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    sizes = {
        (row["metric"], row["place"].split("/")[0]): (row["train_samples"], row["test_samples"])
        for row in rows
    }
    assert sizes["mig", "module_0"] == sizes["probe_weights", "phone"] == ("300", "150")
    assert sizes["probe_weights", "speaker"] == ("90", "45")


def test_parts_are_kept_by_layer(tmp_path):
    _, artifacts = run(tmp_path, phones=False)
    with np.load(artifacts / "metrics.npz") as parts:
        importance = parts["context/dci/importance"]  # (dim, factor)
        assert importance.shape == (DIMS, 2)
        assert importance.argmax(axis=0).tolist() == [1, 0]
        assert parts["vowel/context/probe_weights/share"].shape == (DIMS, 3)
    with (artifacts / "metrics_by_dimension.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["part"] == "importance"]
    assert len(rows) == len(LAYERS) * DIMS * 2
    best = max((row for row in rows if row["of"] == "vowel"), key=lambda row: float(row["value"]))
    assert best["dimension"] == "0"


def test_only_what_is_named_is_measured(tmp_path):
    metrics, _ = run(tmp_path, phones=False, names=("sap",), factors=("vowel",))
    found = {"sap", "sap_null", "sap_null_p95"}
    found |= {"sap_rotated", "sap_rotated_spread", "sap_ceiling"}
    assert {key.split("/")[0] for key in metrics} - {"sap_alignment"} == found


def test_without_rotations_there_are_none_of_their_keys(tmp_path):
    metrics, _ = run(tmp_path, phones=False, names=("sap",), factors=("vowel",), rotations=0)
    assert {key.split("/")[0] for key in metrics} == {"sap", "sap_null", "sap_null_p95"}


def test_dimensions_kept_are_those_that_the_views_stage_reports(tmp_path):
    asked = ("dimensions_kept",)
    for phones, targets in ((False, {"vowel"}), (True, {"phone", "speaker"})):
        folder = tmp_path / str(phones)
        factors = ("phone",) if phones else ("vowel",)
        settings = {"names": asked, "factors": factors, "rotations": 0}
        metrics, _ = run(folder, phones=phones, standardise=True, **settings)
        assert {key.split("/")[1] for key in metrics} == targets
        assert {key.split("/")[0] for key in metrics} == {
            "dimensions_for_90",
            "dimensions_for_90_random_order",
        }
        features, weights = arrays_of_speech(phones=phones)
        files = FeatureFile(features), ProbeWeightFile(weights)
        kept = ProbeTrial(*files, ProbeConfig(standardise=True))
        config = ViewsConfig(draw=("kept",), targets=tuple(targets))
        shown = write_views(folder / "views", kept, config, 1, "title", "note")
        assert metrics == shown
        for key, value in metrics.items():
            assert 1 <= value < DIMS, key


def test_factors_without_labels_are_all_named():
    features, _ = arrays_of_speech(phones=True)
    with pytest.raises(UserError) as caught:
        layer_sample(FeatureFile(features), "context", ("phone", "vowel", "consonant"), "mean")
    assert [problem.value for problem in caught.value.problems] == ["vowel", "consonant"]


def arrays_of_carriers() -> dict[str, np.ndarray]:
    """Frames whose dimension 0 is the consonant, where it is heard, and 1 the vowel, in its own.

    Ten frames of a word follow one another; frames of one factor say nothing of the other.
    """
    generator = np.random.default_rng(2)
    features: dict[str, np.ndarray] = {}
    for split, words in {"train": 60, "test": 30}.items():
        labels = {name: generator.integers(0, 3, words) for name in ("consonant", "vowel")}
        of_frame = np.repeat(np.arange(words), 10)
        for dim, (span, own) in enumerate(labels.items()):
            codes = generator.normal(size=(len(of_frame), DIMS)) + 5 * dim
            codes[:, dim] += 4 * own[of_frame]
            start = f"frames_of/{span}"
            for layer in LAYERS:
                features[f"{start}/probe_accuracy/{split}/{layer}"] = codes
                sampled = codes + 9 * generator.normal(size=codes.shape)
                features[f"{start}/probe_interpretability/{split}/{layer}"] = sampled
                features[f"frames/probe_interpretability/{split}/{layer}"] = sampled
            features[f"{start}/group/{split}"] = of_frame
            for name, values in labels.items():
                features[f"{start}/label/{split}/{name}"] = values[of_frame]
                features[f"classes/{name}"] = np.array(["x", "y", "z"])
    return features


def test_each_factor_is_read_in_its_own_frames():
    file = FeatureFile(arrays_of_carriers())
    sample = layer_sample(file, "context", ("consonant", "vowel"), "frames", sampled=True)
    assert sample.train_codes.shape == (1200, DIMS)
    for factor, own in (("consonant", slice(0, 600)), ("vowel", slice(600, 1200))):
        labels = sample.train_factors[factor]
        assert (labels[own] >= 0).all()
        assert (labels >= 0).sum() == 600
    values = {}
    for one in evaluate(sample, ("dci", "mig", "effective_rank"), permutations=19, bins=20, seed=0):
        values |= one.flat
    assert values["mig/consonant"] > 0.5
    assert values["mig/vowel"] > 0.5
    assert values["dci_completeness"] > 0.5 > 0.2 > values["dci_completeness_null"]
    # That vowels lie 5 deviations from consonants is no common direction of the code.
    assert values["effective_rank"] > 0.95 * DIMS


def test_one_carrier_of_several_factors_is_read_once():
    arrays = arrays_of_carriers()
    arrays = {
        key.replace("frames_of/vowel", "frames_of/sounding"): one for key, one in arrays.items()
    }
    for split in ("train", "test"):
        for name in ("voice", "pitch"):
            arrays[f"frames_of/sounding/label/{split}/{name}"] = arrays[
                f"frames_of/sounding/label/{split}/vowel"
            ]
    arrays |= {"classes/voice": arrays["classes/vowel"], "classes/pitch": arrays["classes/vowel"]}
    sample = layer_sample(FeatureFile(arrays), "context", ("voice", "pitch"), "frames")
    assert len(sample.train_codes) == 600
    sample = layer_sample(FeatureFile(arrays), "context", ("voice", "consonant"), "frames")
    assert len(sample.train_codes) == 1200


def test_frames_of_one_word_keep_one_label_when_labels_are_permuted():
    file = FeatureFile(arrays_of_carriers())
    sample = layer_sample(file, "context", ("consonant", "vowel"), "frames")
    drawn = [*permuted_labels(prepare(sample), 3, seed=0)]
    own = drawn[0].train_factors["consonant"][:600].reshape(60, 10)
    assert (own == own[:, :1]).all()
    assert (drawn[0].train_factors["consonant"][600:] == -1).all()
    given = sample.train_factors["consonant"]
    assert not np.array_equal(drawn[0].train_factors["consonant"], given)
    assert np.array_equal(
        np.sort(drawn[0].train_factors["consonant"]), np.sort(given)
    )  # words are of one length here: each label as often as before


def test_thirds_are_read_whole_and_their_samples_of_clips():
    arrays, _ = arrays_of_speech(phones=False)
    for split in ("train", "test"):
        codes = arrays[f"probe_accuracy/{split}/context"]
        arrays[f"thirds/probe_accuracy/{split}/context"] = np.hstack([codes, codes, codes])
        arrays[f"frames/probe_interpretability/{split}/context"] = codes
    sample = layer_sample(FeatureFile(arrays), "context", ("vowel",), "thirds", sampled=True)
    assert sample.train_codes.shape == (90, 3 * DIMS)
    assert sample.sampled_codes is not None
    assert sample.sampled_codes.shape == (90, DIMS)


def test_a_file_without_frames_of_carriers_is_refused():
    features, _ = arrays_of_speech(phones=False)
    with pytest.raises(UserError, match="no labels of this factor"):
        layer_sample(FeatureFile(features), "context", ("vowel",), "frames")


def test_the_converged_probe_is_examined_where_there_is_one(tmp_path):
    metrics, _ = run(tmp_path, phones=False, names=("probe_weights",), converged=True)
    for layer in LAYERS:
        value, turned, ceiling = (
            metrics[f"hoyer{of}/vowel/{layer}"] for of in ("", "_rotated", "_ceiling")
        )
        assert turned < 0.6 * value < value
        assert ceiling > 1.5 * turned
        assert metrics[f"hoyer/vowel/{layer}"] > metrics[f"hoyer_null_p95/vowel/{layer}"]


BEFORE = {
    "dci_disentanglement/context": 0.793556814802723,
    "dci_completeness/module_0": 0.7291964003444421,
    "dci_completeness_null/context": 0.07071463887187183,
    "infoe/vowel/context": 0.8481163429807537,
    "infom/module_0": 0.8921848457748642,
    "infoe_null/mean/context": 0.004933611984017416,
    "dci_disentanglement_null_p95/module_0": 0.22395931728235957,
}


def test_an_old_configuration_reads_what_it_read(tmp_path):
    """Values of the version before rotations, of the same arrays."""
    metrics, _ = run(tmp_path, phones=False, names=("dci", "infomec"), rotations=0, permutations=10)
    assert {key: metrics[key] for key in BEFORE} == pytest.approx(BEFORE, abs=1e-12)
