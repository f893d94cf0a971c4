"""The files of a probe trial: what is written is read, and what cannot be read is named."""

from __future__ import annotations

import tarfile
from pathlib import Path

import numpy as np
import pytest

from sim_study.config.probe import ProbeConfig
from sim_study.config.trial import Trial
from sim_study.errors import UserError
from sim_study.ledger.arrays import Arrays, write_arrays
from sim_study.ledger.feature_file import (
    MEANS,
    SAMPLED,
    FeatureFile,
    FeatureParts,
    FramesOf,
)
from sim_study.ledger.ledger import Ledger, TrialFolder
from sim_study.ledger.probe_trial import read_probe_trial
from sim_study.ledger.probe_weight_file import ProbeWeightFile, ProbeWeightParts

STORED = Path(__file__).parents[1] / "stored_ledger" / "ledger.tar.xz"
LAYERS = ["module_0", "context"]
CODES = {layer: np.full((4, 2), number) for number, layer in enumerate(LAYERS)}


def features_of(folder: Path) -> FeatureFile:
    """A file with vowels of clips, and phones and speakers of frames."""
    parts = FeatureParts()
    for protocol in (MEANS, SAMPLED):
        for split in ("train", "test"):
            parts.add_codes("clips", protocol, split, CODES)
            parts.add_codes("frames", protocol, split, CODES)
            parts.add_codes("labelled frames", protocol, split, CODES)
    for split in ("train", "test"):
        parts.add_labels("clips", split, "vowel", np.array([0, 1, 0, 1]))
        parts.add_labels("frames", split, "phone", np.array([2, 2, 0, 1]))
    parts.add_classes("vowel", ("a", "i"))
    parts.write(folder)
    return FeatureFile.read(folder)


def weights_of(folder: Path) -> ProbeWeightFile:
    """A file with a tuned probe of vowels and one of phones, which are read from frames."""
    parts = ProbeWeightParts()
    parts.add_weights({f"{one}/vowel/module_0": np.eye(2) for one in (SAMPLED, MEANS)})
    parts.add_rates({f"{SAMPLED}/vowel/module_0": 0.01})
    parts.add_classes("vowel", ("a", "i"))
    parts.add_deviation(SAMPLED, "module_0", np.array([1.0, 2.0]))
    parts.add_weights({f"{SAMPLED}/phone/module_0": np.ones((3, 2))})
    parts.add_deviation(SAMPLED, "module_0", np.array([3.0, 4.0]), of_frames="phone")
    parts.write(folder)
    return ProbeWeightFile.read(folder)


def trial_folder(path: Path) -> TrialFolder:
    folder = TrialFolder(path)
    folder.begin(
        Trial(
            stage="probe", config=ProbeConfig(), seed=1, corpus_fingerprint="f", upstream="e" * 16
        )
    )
    features_of(folder.path)
    weights_of(folder.artifacts)
    return folder


def test_codes_and_labels_are_read_as_they_were_added(tmp_path: Path) -> None:
    file = features_of(tmp_path)
    assert file.layers == LAYERS
    for unit in ("clips", "frames", "labelled frames"):
        assert file.codes(unit, SAMPLED, "test", "context").tolist() == [[1, 1]] * 4
    assert file.labels("clips", "train", "vowel").tolist() == [0, 1, 0, 1]
    assert file.labels("labelled frames", "test", "phone").tolist() == [2, 2, 0, 1]
    assert file.classes("vowel") == ("a", "i")
    assert (file.unit_of("vowel"), file.unit_of("phone")) == ("clips", "labelled frames")
    assert not file.has_labels("frames", "vowel")


def test_keys_are_those_of_every_version_before(tmp_path: Path) -> None:
    features_of(tmp_path)
    weights_of(tmp_path)
    keys = list(Arrays(tmp_path / "features.npz"))
    assert keys[:2] == ["probe_accuracy/train/module_0", "probe_accuracy/train/context"]
    assert "frames/probe_interpretability/test/context" in keys
    assert "labelled/probe_accuracy/test/module_0" in keys
    assert keys[-5:] == [
        "label/train/vowel",
        "frames/train/label/phone",
        "label/test/vowel",
        "frames/test/label/phone",
        "classes/vowel",
    ]
    assert list(Arrays(tmp_path / "probe_weights.npz")) == [
        "probe_interpretability/vowel/module_0",
        "probe_accuracy/vowel/module_0",
        "learning_rate/probe_interpretability/vowel/module_0",
        "classes/vowel",
        "deviation/probe_interpretability/module_0",
        "probe_interpretability/phone/module_0",
        "deviation/probe_interpretability/phone/module_0",
    ]


def test_weights_come_with_the_rate_and_the_deviation_of_what_they_read(tmp_path: Path) -> None:
    file = weights_of(tmp_path)
    assert file.targets == ["vowel", "phone"]
    assert file.places == [("vowel", "module_0"), ("phone", "module_0")]
    assert file.weight(SAMPLED, "phone", "module_0").shape == (3, 2)
    assert file.learning_rate(SAMPLED, "vowel", "module_0") == 0.01
    assert file.learning_rate(SAMPLED, "phone", "module_0") is None
    assert file.deviation(SAMPLED, "vowel", "module_0").tolist() == [1, 2]
    assert file.deviation(SAMPLED, "phone", "module_0").tolist() == [3, 4]
    assert file.deviation(MEANS, "vowel", "module_0") is None
    assert (file.classes("vowel"), file.classes("phone")) == (("a", "i"), ())


def test_the_converged_probe_is_read_before_the_paper_s(tmp_path: Path) -> None:
    folder = trial_folder(tmp_path / "t")
    paper = read_probe_trial(folder).sampled_probe("vowel", "module_0")
    assert (paper.weight.tolist(), paper.standardised, paper.converged) == (
        [[1, 0], [0, 1]], False, False,
    )  # fmt: skip
    parts = ProbeWeightParts()
    parts.add_weights(
        {f"{SAMPLED}/vowel/module_0": np.eye(2), "accuracy/vowel/module_0": 3 * np.eye(2)}
    )
    parts.add_weights({"accuracy_sampled/vowel/module_0": 2 * np.eye(2)})
    parts.write(folder.artifacts)
    trial = read_probe_trial(folder)
    assert trial.weights.places == [("vowel", "module_0")]
    both = trial.sampled_probe("vowel", "module_0")
    assert (both.weight.tolist(), both.standardised, both.converged) == (
        [[2, 0], [0, 2]], True, True,
    )  # fmt: skip
    with pytest.raises(UserError, match="holds no probe_interpretability/phone/module_0"):
        trial.sampled_probe("phone", "module_0")


def test_frames_of_a_factor_are_kept_where_it_is_heard(tmp_path: Path) -> None:
    parts = FeatureParts()
    for span, value in {"consonant": 1.0, "sounding": 2.0}.items():
        unit = FramesOf(span)
        parts.add_codes(unit, MEANS, "train", {"context": np.full((2, 2), value)})
        parts.add_groups(unit, "train", np.array([5, 6]))
        for factor in ("consonant", "voice"):
            parts.add_labels(unit, "train", factor, np.array([0, int(value)]))
    parts.add_codes("thirds", MEANS, "train", {"context": np.zeros((2, 6))})
    parts.add_groups("clips", "train", np.array([7, 8]))
    parts.write(tmp_path)
    file = FeatureFile.read(tmp_path)
    for factor, value in {"consonant": 1.0, "voice": 2.0, "syllable": 2.0}.items():
        assert file.codes(FramesOf(factor), MEANS, "train", "context").tolist() == [[value] * 2] * 2
        assert file.labels(FramesOf(factor), "train", "voice").tolist() == [0, value]
        assert file.groups(FramesOf(factor), "train").tolist() == [5, 6]
    assert file.has_labels(FramesOf("voice"), "voice")
    assert not file.has_labels(FramesOf("voice"), "pitch")
    assert file.groups("thirds", "train").tolist() == [7, 8]
    assert "frames_of/sounding/probe_accuracy/train/context" in Arrays(tmp_path / "features.npz")


def test_a_missing_array_is_named_with_what_to_do(tmp_path: Path) -> None:
    hint = "delete the trial's folder and give the sweep's command again: the trial runs anew"
    with pytest.raises(UserError, match=rf"holds no classes/phone; an earlier version.*{hint}"):
        features_of(tmp_path).classes("phone")
    with pytest.raises(UserError, match=f"holds no probe_accuracy/phone/module_0; {hint}"):
        weights_of(tmp_path).weight(MEANS, "phone", "module_0")


@pytest.mark.parametrize(
    "content", [b"", b"not an array", b"PK\x03\x04 torn", b"\x93NUMPY\x01\x00torn"]
)
def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "features.npz").write_bytes(content)
    with pytest.raises(UserError, match=r"features.npz: is damaged \(.*; delete the trial"):
        FeatureFile.read(tmp_path)


def test_a_file_torn_at_any_place_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    write_arrays(path, {"one": np.arange(50), "two": np.arange(50)})
    whole = path.read_bytes()
    for end in range(0, len(whole), 37):
        path.write_bytes(whole[:end])
        with pytest.raises(UserError, match="is damaged"):
            Arrays(path)
    path.write_bytes(whole[:300] + b"x" + whole[301:])
    with pytest.raises(UserError, match="is damaged"):
        dict(Arrays(path))


def test_an_array_alone_is_no_file_of_arrays(tmp_path: Path) -> None:
    with (tmp_path / "one.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(UserError, match="one array, not several by name"):
        Arrays(tmp_path / "one.npz")


def test_only_what_is_asked_for_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    features_of(tmp_path)
    read: list[str] = []
    get = np.lib.npyio.NpzFile.__getitem__

    def counted(self: np.lib.npyio.NpzFile, key: str) -> np.ndarray:
        read.append(key)
        return get(self, key)

    monkeypatch.setattr(np.lib.npyio.NpzFile, "__getitem__", counted)
    file = FeatureFile.read(tmp_path)
    assert file.layers
    assert file.has_labels("clips", "vowel")
    file.check()
    assert read == []
    file.codes("clips", MEANS, "test", "context")
    assert read == ["probe_accuracy/test/context"]


def test_both_files_that_are_missing_are_named_and_an_old_one_is(tmp_path: Path) -> None:
    folder = trial_folder(tmp_path / "t")
    trial = read_probe_trial(folder)
    assert trial.classes("vowel") == ("a", "i")
    old = {f"{MEANS}/{split}/context": np.zeros((2, 2)) for split in ("train", "test")}
    write_arrays(folder.path / "features.npz", old)
    with pytest.raises(UserError, match=r"features.npz: holds no labels and no single frames; an"):
        read_probe_trial(folder)
    for path in (folder.path / "features.npz", folder.artifacts / "probe_weights.npz"):
        path.unlink()
    with pytest.raises(UserError) as error:
        read_probe_trial(folder)
    assert [problem.law for problem in error.value.problems] == ["is missing", "is missing"]


def test_what_an_earlier_version_wrote_is_read(tmp_path: Path) -> None:
    with tarfile.open(STORED) as archive:
        archive.extractall(tmp_path, filter="data")
    ledger = Ledger(tmp_path)
    probes = [one for one in ledger.study("old").members() if one.stage == "probe"]
    assert len(probes) == 16
    for one in probes:
        trial = read_probe_trial(ledger.folder(one.trial_id))
        assert trial.weights.targets == ["vowel", "syllable"]
        assert trial.features.layers == ["module_0", "module_1", "module_2", "context"]
        for layer in trial.features.layers:
            width = 4 if layer == "context" else 6
            assert trial.features.codes("clips", MEANS, "train", layer).shape == (18, width)
            assert trial.features.codes("frames", SAMPLED, "test", layer).shape == (84, width)
            assert trial.weights.weight(SAMPLED, "syllable", layer).shape == (9, width)
            deviation = trial.weights.deviation(SAMPLED, "vowel", layer)
            assert deviation.tolist() == [1.0] * width  # of standardised codes
        assert trial.features.labels("clips", "test", "vowel").shape == (12,)
        assert trial.classes("vowel") == ("a", "i", "u")
