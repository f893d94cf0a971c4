"""What a study may ask of its corpus, and what it asks when the file is silent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim_study.config.metrics import MetricsConfig
from sim_study.config.probe import ProbeConfig
from sim_study.config.train import ObjectiveConfig, OnlineProbeConfig
from sim_study.data.audio import SYLLABLE_SAMPLES, WORD_SAMPLES
from sim_study.data.corpora import kind_of
from sim_study.errors import UserError
from sim_study.space.laws import check
from sim_study.space.load import load
from sim_study.space.spec import Objective, Spec

SYLLABLES = ["synthetic-speech", "artificial-speech"]
BASE: dict[str, Any] = {"study": "s", "arms": ["gim", "sim", "random"]}
LIBRISPEECH = {"corpus": {"name": "librispeech"}, "train": {"crop_samples": 20480}}


def _spec(corpus: str = "synthetic-speech", **sections: object) -> Spec:
    return Spec.model_validate({**BASE, "corpus": {"name": corpus}, **sections})


def _message(spec: Spec) -> str:
    with pytest.raises(UserError) as caught:
        check(spec, "s.yaml")
    return str(caught.value)


@pytest.mark.parametrize("corpus", SYLLABLES)
def test_defaults_of_the_syllable_corpora_are_those_of_the_models(corpus: str) -> None:
    spec = _spec(corpus)
    facts = kind_of(spec.corpus).facts
    assert spec.downstream.probe == ProbeConfig(pooling=facts.pooled)
    assert spec.downstream.metrics == MetricsConfig(pooling=facts.measured_in)
    assert spec.online_probe == OnlineProbeConfig(pooling=facts.pooled)
    assert spec.objective == ObjectiveConfig()
    assert spec.search.objectives == (Objective(),)
    kind = kind_of(spec.corpus)
    assert kind.shortest_samples(spec.corpus, labelled=False) == WORD_SAMPLES
    assert kind.shortest_samples(spec.corpus, labelled=True) == SYLLABLE_SAMPLES


def test_librispeech_is_asked_for_phones_and_speakers() -> None:
    spec = Spec.model_validate({**BASE, **LIBRISPEECH})
    assert spec.downstream.probe is not None
    assert spec.downstream.metrics is not None
    assert spec.downstream.probe.targets == ("phone", "speaker")
    assert spec.downstream.metrics.factors == ("phone", "speaker")
    assert spec.online_probe.target == "speaker"
    assert spec.objective.supervised_target == "speaker"
    assert spec.search.objectives[0].metric == "online/speaker/mean"
    check(spec, "s.yaml")


def test_what_the_user_wrote_stays() -> None:
    spec = Spec.model_validate(
        {**BASE, **LIBRISPEECH, "downstream": {"probe": {"targets": ["speaker"]}, "metrics": None}}
    )
    assert spec.downstream.probe is not None
    assert spec.downstream.probe.targets == ("speaker",)
    assert spec.downstream.metrics is None


def test_the_objective_follows_the_online_probe() -> None:
    spec = _spec(online_probe={"target": "syllable"})
    assert spec.search.objectives[0].metric == "online/syllable/mean"
    spec = _spec(search={"objectives": [{"direction": "minimize"}, {"metric": "online/vowel/x"}]})
    assert [o.metric for o in spec.search.objectives] == ["online/vowel/mean", "online/vowel/x"]


def test_labels_that_a_corpus_has_not_are_all_listed() -> None:
    message = _message(
        _spec(
            "artificial-speech",
            arms={"supervised": {"set": {"objective.supervised_target": "phone"}}},
            online_probe={"target": "speaker"},
            downstream={"probe": {"targets": ["vowel", "phone"]}},
        )
    )
    law = "artificial-speech has no such labels for this; it has vowel, consonant, syllable"
    for key, value in (
        ("online_probe.target", "speaker"),
        ("arms.supervised.set.objective.supervised_target", "phone"),
        ("downstream.probe.targets.1", "phone"),
    ):
        assert f"s.yaml: {key} = '{value}': {law}" in message
    assert message.count("\n") == 2


def test_librispeech_has_neither_vowels_nor_consonants_as_factors() -> None:
    spec = Spec.model_validate(
        {
            **BASE,
            **LIBRISPEECH,
            "downstream": {"metrics": {"factors": ["vowel"]}},
        }
    )
    message = _message(spec)
    assert "downstream.metrics.factors.0 = 'vowel': librispeech has no such labels" in message


def test_recordings_of_many_lengths_need_crops() -> None:
    spec = Spec.model_validate({**BASE, "corpus": LIBRISPEECH["corpus"]})
    assert "train.crop_samples: is required" in (message := _message(spec))
    assert "the paper takes 20480" in message
    check(spec.model_copy(update={"arms": {"random": spec.arms["random"]}}), "s.yaml")


def test_a_searched_crop_is_a_crop() -> None:
    space = {"train.crop_samples": {"choice": [10240, 20480], "when": {"arm": ["gim", "sim"]}}}
    check(Spec.model_validate({**BASE, "corpus": LIBRISPEECH["corpus"], "space": space}), "s.yaml")


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ({"train": {"crop_samples": 10400}}, "train.crop_samples = 10400"),
        ({"arms": {"gim": {"set": {"train.crop_samples": 10400}}}}, "arms.gim.set.train"),
        ({"space": {"train.crop_samples": {"choice": [3200, 10400]}}}, "space.train.crop_samples"),
    ],
)
def test_a_crop_fits_into_a_clip(sections: dict[str, object], words: str) -> None:
    message = _message(_spec(**sections))
    assert words in message
    assert "must not be longer than a clip, 10240 samples" in message


def test_a_supervised_arm_s_crop_fits_into_a_labelled_clip() -> None:
    """Words have 10,240 samples, the syllables that it learns from fewer."""
    arms: dict[str, Any] = {"gim": {}, "told": {"method": "supervised"}}
    sections: dict[str, Any] = {"train": {"crop_samples": 9600}}
    message = _message(_spec(arms=arms, **sections))
    law = "must not be longer than a labelled clip, which arm 'told' learns from, 8821 samples"
    hint = "give the arm its own under arms.told.set"
    assert message == f"s.yaml: train.crop_samples = 9600: {law}; {hint}"
    arms["told"]["set"] = {"train.crop_samples": 8800}
    check(_spec(arms=arms, **sections), "s.yaml")


def test_a_supervised_arm_s_frames_are_those_of_a_labelled_clip() -> None:
    """A frame of 10,000 samples is in a word, and in no syllable."""
    model = {"strides": [100, 100, 1, 1, 1], "kernel_sizes": [100, 92, 1, 1, 1]}
    model["paddings"] = [0] * 5
    check(_spec(arms=["random"], model=model), "s.yaml")
    with pytest.raises(UserError, match=r"kernel_sizes = .*: make no frame of 8821 samples"):
        check(_spec(arms=["supervised"], model=model), "s.yaml")


def test_searched_lengths_are_checked_together() -> None:
    """10 steps fit into 20 frames and 30 into 64: only both searched values together do not."""
    space: dict[str, dict[str, Any]] = {
        "train.crop_samples": {"choice": [3200, 10240], "when": {"arm": "sim"}},
        "objective.prediction_steps": {"int": [10, 30], "when": {"arm": ["gim", "sim"]}},
    }
    message = _message(_spec(space=space))
    law = "s.yaml: arm sim: objective.prediction_steps = 30: must be less than the 20 frames"
    assert law in message
    assert "\n" not in message
    space["train.crop_samples"]["choice"] = [6400, 10240]  # 40 frames
    check(_spec(space=space), "s.yaml")


def test_every_method_may_be_an_arm(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "study: s\ncorpus: {name: synthetic-speech}\narms: [gim, sim, cpc, supervised, random]\n"
    )
    assert list(load(str(path))[0].arms) == ["gim", "sim", "cpc", "supervised", "random"]


@pytest.mark.parametrize(
    ("key", "law", "idle"),
    [
        ("objective.kld_weight", "{uniform: [0, 1]}", "gim or cpc or supervised or random"),
        ("objective.negatives", "{int: [5, 9]}", "supervised or random"),
        (
            "objective.supervised_target",
            "{choice: [vowel, syllable]}",
            "gim or sim or cpc or random",
        ),
        ("train.epochs", "{int: [5, 9]}", "random"),
    ],
)
def test_a_dimension_that_changes_nothing_is_refused(
    tmp_path: Path, key: str, law: str, idle: str
) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "study: s\ncorpus: {name: synthetic-speech}\narms: [gim, sim, cpc, supervised, random]\n"
        f"space: {{{key}: {law}}}\n"
    )
    with pytest.raises(UserError) as caught:
        load(str(path))
    assert f"space.{key}: changes nothing in an encoder of arm {idle}; add" in str(caught.value)
