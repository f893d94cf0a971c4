"""A study that reads phones needs their labels, and encoders whose frames are the labels'."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim_study.data.corpus import Corpus
from sim_study.errors import UserError
from sim_study.space.laws import check
from sim_study.space.spec import Spec
from sim_study.study.forecast.lengths import check_phones_told, check_study_lengths
from sim_study.study.forecast.rehearsal import rehearse
from sim_study.study.run.engine import run_study

SPEAKERS: dict[str, Any] = {
    "online_probe": {"target": "speaker"},
    "downstream": {"probe": {"targets": ["speaker"]}, "metrics": {"factors": ["speaker"]}},
}
TOLD = {"supervised": {"set": {"objective.supervised_target": "phone"}}}
SEARCHED = {"objective.supervised_target": {"choice": ["speaker", "phone"]}}
PROBED = {"downstream": {"probe": {"targets": ["phone"]}, "metrics": {"factors": ["speaker"]}}}
MEASURED = {"downstream": {"probe": {"targets": ["speaker"]}, "metrics": {"factors": ["phone"]}}}
FINE = {"strides": [5, 4, 2, 2, 1]}


def _spec(**sections: Any) -> Spec:
    """A study of speakers, where `sections` do not say otherwise."""
    content: dict[str, Any] = {
        "study": "s",
        "corpus": {"name": "librispeech"},
        "arms": ["gim", "supervised"],
        "train": {"crop_samples": 20_480},
        **SPEAKERS,
        **sections,
    }
    return Spec.model_validate(content)


def _message(**sections: Any) -> str:
    """What is wrong with a study's frames."""
    spec = _spec(**sections)
    check(spec, "s.yaml")
    try:
        check_study_lengths(spec, "s.yaml")
    except UserError as error:
        return str(error)
    return ""


def test_speakers_are_read_from_frames_of_any_length() -> None:
    assert not _message(model=FINE)


@pytest.mark.parametrize(
    ("asked", "arms"),
    [
        ({"online_probe": {"target": "phone"}}, ["gim", "supervised"]),
        (PROBED, ["gim", "supervised"]),
        (MEASURED, ["gim", "supervised"]),
        ({"arms": {"gim": {}, **TOLD}}, ["supervised"]),
        ({"arms": ["supervised"], "space": SEARCHED}, ["supervised"]),
    ],
)
def test_phones_are_not(asked: dict[str, Any], arms: list[str]) -> None:
    assert not _message(**asked)
    lines = _message(model=FINE, **asked).splitlines()
    assert [line.split(":")[1] for line in lines] == [f" arm {arm}" for arm in arms]
    assert all("model.strides = (5, 4, 2, 2, 1): must multiply to 160" in line for line in lines)


def test_searched_strides_are_each_looked_at() -> None:
    strides = {"choice": [[5, 4, 2, 2, 2], [5, 4, 4, 2, 1], [5, 4, 2, 2, 1]]}
    (line,) = _message(arms=["gim"], space={"model.strides": strides}, **PROBED).splitlines()
    assert "(5, 4, 2, 2, 1)" in line


def test_phones_that_nobody_has_labels_for_are_refused_before_anything_is_trained() -> None:
    check_phones_told(_spec(), "s.yaml", told=False)
    asked = {
        "online_probe": {"target": "phone"},
        "arms": TOLD,
        "downstream": {
            "probe": {"targets": ["speaker", "phone"]},
            "metrics": {"factors": ["phone", "speaker"]},
        },
    }
    check_phones_told(_spec(**asked), "s.yaml", told=True)
    with pytest.raises(UserError) as caught:
        check_phones_told(_spec(**asked), "s.yaml", told=False)
    assert [line.split(" = ")[0] for line in str(caught.value).splitlines()] == [
        "s.yaml: online_probe.target",
        "s.yaml: arms.supervised.set.objective.supervised_target",
        "s.yaml: downstream.probe.targets.1",
        "s.yaml: downstream.metrics.factors.0",
    ]
    assert "librispeech has no phone labels here; name a label file" in str(caught.value)


def test_neither_a_dry_run_nor_a_run_begins_without_the_phones_it_needs(
    shared_data: Path, tiny_corpus: Corpus, output: Path, tmp_path: Path
) -> None:
    sample = shared_data / "librispeech-sample"
    (tmp_path / "LibriSpeech").symlink_to(sample / "LibriSpeech")  # its labels stay behind
    corpus = {"name": "librispeech", "root": tmp_path, "pretrain": ["train-clean-100"]}
    spec = _spec(corpus=corpus, online_probe={"target": "phone"})
    words = "online_probe.target = 'phone': librispeech has no phone labels here"
    with pytest.raises(UserError, match=words):
        rehearse(spec, "s.yaml", output)
    with pytest.raises(UserError, match=words):
        run_study(spec, "s.yaml", output, tiny_corpus)
    assert not output.exists()
