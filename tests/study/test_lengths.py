"""A study that reads phones is refused an encoder whose frames are not the labels'."""

from __future__ import annotations

from typing import Any

import pytest

from sim_study.errors import UserError
from sim_study.space.laws import check
from sim_study.space.spec import Spec
from sim_study.study.lengths import check_study_lengths

SPEAKERS: dict[str, Any] = {
    "online_probe": {"target": "speaker"},
    "downstream": {"probe": {"targets": ["speaker"]}, "metrics": {"factors": ["speaker"]}},
}
TOLD = {"supervised": {"set": {"objective.supervised_target": "phone"}}}
SEARCHED = {"objective.supervised_target": {"choice": ["speaker", "phone"]}}
PROBED = {"downstream": {"probe": {"targets": ["phone"]}, "metrics": {"factors": ["speaker"]}}}
MEASURED = {"downstream": {"probe": {"targets": ["speaker"]}, "metrics": {"factors": ["phone"]}}}
FINE = {"strides": [5, 4, 2, 2, 1]}


def _message(**sections: Any) -> str:
    """What is wrong with a study of speakers, where `sections` do not say otherwise."""
    content: dict[str, Any] = {
        "study": "s",
        "corpus": {"name": "librispeech"},
        "arms": ["gim", "supervised"],
        "train": {"crop_samples": 20_480},
        **SPEAKERS,
        **sections,
    }
    spec = Spec.model_validate(content)
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
