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
from sim_study.errors import UserError
from sim_study.ledger.feature_file import FeatureFile
from sim_study.ledger.ledger import Ledger
from sim_study.ledger.probe_trial import ProbeTrial
from sim_study.ledger.probe_weight_file import ProbeWeightFile
from sim_study.metrics.catalogue import describe
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
    tmp_path: Path, phones: bool, standardise: bool = False, **config: object
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
    found |= {"sap_rotated", "sap_rotated_spread", "sap_ceiling", "sap_alignment"}
    assert {key.split("/")[0] for key in metrics} == found


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
