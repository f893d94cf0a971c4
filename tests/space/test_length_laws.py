"""A study that reads phones needs their labels, and encoders whose frames are the labels'."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim_study.errors import UserError
from sim_study.space.corpus_laws import check_phone_labels
from sim_study.space.laws import check
from sim_study.space.load import load
from sim_study.space.spec import Spec

SPEAKERS: dict[str, Any] = {
    "online_probe": {"target": "speaker"},
    "downstream": {"probe": {"targets": ["speaker"]}, "metrics": {"factors": ["speaker"]}},
}
TAUGHT = {"supervised": {"set": {"objective.supervised_target": "phone"}}}
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
    try:
        check(_spec(**sections), "s.yaml")
    except UserError as error:
        return str(error)
    return ""


def test_clips_that_are_too_short_are_refused_when_the_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(
        "study: small\ncorpus: {name: synthetic-speech}\narms: [gim, random]\n"
        "space: {objective.prediction_steps: {int: [10, 64], when: {arm: gim}}}\n"
    )
    with pytest.raises(UserError, match="prediction_steps = 64: must be less than the 64 frames"):
        load(str(path))


def test_speakers_are_read_from_frames_of_any_length() -> None:
    assert not _message(model=FINE)


@pytest.mark.parametrize(
    ("asked", "arms"),
    [
        ({"online_probe": {"target": "phone"}}, ["gim", "supervised"]),
        (PROBED, ["gim", "supervised"]),
        (MEASURED, ["gim", "supervised"]),
        ({"arms": {"gim": {}, **TAUGHT}}, ["supervised"]),
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
    check_phone_labels(_spec(), "s.yaml", there=False)
    asked = {
        "online_probe": {"target": "phone"},
        "arms": TAUGHT,
        "downstream": {
            "probe": {"targets": ["speaker", "phone"]},
            "metrics": {"factors": ["phone", "speaker"]},
        },
    }
    check_phone_labels(_spec(**asked), "s.yaml", there=True)
    with pytest.raises(UserError) as caught:
        check_phone_labels(_spec(**asked), "s.yaml", there=False)
    assert [line.split(" = ")[0] for line in str(caught.value).splitlines()] == [
        "s.yaml: online_probe.target",
        "s.yaml: arms.supervised.set.objective.supervised_target",
        "s.yaml: downstream.probe.targets.1",
        "s.yaml: downstream.metrics.factors.0",
    ]
    assert "librispeech has no phone labels here; name a label file" in str(caught.value)
