"""What a supervised encoder is told, and what it must not be told."""

import numpy as np
import pytest
import torch

from sim_study.config.geometry import FRAME_SAMPLES, layer_frames
from sim_study.config.lengths import check_phone_frames
from sim_study.config.model import ModelConfig
from sim_study.config.train import ObjectiveConfig, OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig
from sim_study.data.clips import Clips
from sim_study.data.recordings import Recordings
from sim_study.data.split import HELD_OUT_SEED, split_by_group
from sim_study.data.utterances import Utterances
from sim_study.errors import UserError
from sim_study.model.encoder import build_encoder
from sim_study.objective.cross_entropy import UNLABELLED
from sim_study.train.examples import examples_of, on_frames

WORDS, CUT = 10, 3
LABELLED = [1, 2, 3, 5, 6, 7, 8, 9]
"""Words that have phones."""


def configuration(target="vowel", method="supervised"):
    return EncoderConfig(
        method=method,
        model=ModelConfig(channels=4, context_channels=3),
        objective=ObjectiveConfig(supervised_target=target),
        train=TrainConfig(crop_samples=1600),
        online_probe=OnlineProbeConfig(validation_fraction=0.3),
    )


class Spoken:
    """A corpus of ten words, each cut into three clips; most have phones."""

    name = "spoken"

    def __init__(self, phones=True):
        count = WORDS * CUT
        groups = np.repeat(100 + np.arange(WORDS), CUT)
        samples = np.arange(count)[:, None] * np.ones(3200)
        self.clips = Clips(
            ids=[str(clip) for clip in range(count)],
            samples=samples.astype(np.int16),
            labels={"vowel": np.arange(count) % 2},
            classes={"vowel": ("a", "i")},
            values={},
            groups=groups,
        )
        lengths = [3200 + 37 * word for word in LABELLED]
        frames = [layer_frames(ModelConfig(), length)[-1] for length in lengths]
        self.told = Utterances(
            ids=[str(word) for word in LABELLED],
            recordings=Recordings([np.zeros(length, np.int16) for length in lengths]),
            phones=[np.arange(count - 2) % 7 for count in frames],
            speakers=np.zeros(len(LABELLED), np.int64),
            groups=100 + np.array(LABELLED),
            classes={"phone": tuple("abcdefg"), "speaker": ("one",)},
        )
        self.phones = phones

    def encoder_audio(self):
        return self.clips.samples[:5]

    def probe_clips(self, split):
        assert split == "train", "no test clip may teach"
        return self.clips

    def utterances(self, split):
        assert split == "train", "no test utterance may teach"
        return self.told if self.phones else None


def held_out_groups(corpus):
    _, held_out = split_by_group(corpus.clips.groups, 0.3, HELD_OUT_SEED)
    return set(corpus.clips.groups[held_out].tolist())


@pytest.mark.parametrize("method", ["gim", "sim", "cpc", "random"])
def test_the_others_learn_from_the_encoder_s_audio_and_are_told_nothing(method):
    corpus = Spoken()
    examples = examples_of(corpus, configuration(method=method))
    assert np.array_equal(examples.samples, corpus.encoder_audio())
    assert (len(examples), examples.labels, examples.classes) == (5, None, None)


def test_clips_that_the_online_probe_scores_teach_nothing():
    corpus = Spoken()
    examples = examples_of(corpus, configuration())
    assert examples.samples is corpus.clips.samples
    assert examples.labels is corpus.clips.labels["vowel"]
    assert examples.classes == 2
    groups = set(corpus.clips.groups[examples.rows].tolist())
    assert not groups & held_out_groups(corpus)
    assert len(examples) == (WORDS - 3) * CUT


def test_utterances_that_the_online_probe_scores_teach_nothing():
    corpus = Spoken()
    examples = examples_of(corpus, configuration("phone"))
    groups = set(corpus.told.groups[examples.rows].tolist())
    assert groups == set(corpus.told.groups.tolist()) - held_out_groups(corpus)
    assert (examples.classes, examples.labels.crop_frames) == (7, 10)


def test_labels_lie_on_the_last_frames():
    assert on_frames(np.array([3, 1, 2]), 5).tolist() == [UNLABELLED, UNLABELLED, 3, 1, 2]
    assert on_frames(np.array([4, 4]), 2).tolist() == [4, 4]


def test_a_crop_s_frames_are_those_of_the_whole_that_its_labels_are_taken_from():
    """Away from its ends, where a crop is padded with silence and the whole is not."""
    encoder = build_encoder(configuration(method="gim"), 0, dtype=torch.float64)
    whole = torch.rand(1, 1, 6777, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    first, crop = 9, 3200
    latents = encoder.encode(whole)["module_2"][0]
    of_crop = encoder.encode(whole[..., 160 * first : 160 * first + crop])["module_2"][0]
    assert len(of_crop) == 20
    torch.testing.assert_close(of_crop[4:-4], latents[first + 4 : first + 16])


def test_labels_that_are_not_there_are_named():
    with pytest.raises(UserError, match=r"supervised_target = 'syllable'.*only vowel"):
        examples_of(Spoken(), configuration("syllable"))
    with pytest.raises(UserError, match="supervised_target = 'phone': has no phone labels"):
        examples_of(Spoken(phones=False), configuration("phone"))


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ({"strides": (5, 4, 2, 2, 1)}, r"strides = .*: must multiply to 160 samples.*, not 80"),
        ({"strides": (5, 4, 4, 2, 2)}, r"strides = .*: must multiply to 160 samples.*, not 320"),
        ({"paddings": (0, 0, 0, 0, 0)}, r"paddings = .*: leave 2 frames fewer"),
        ({"kernel_sizes": (10, 8, 4, 4, 7)}, r"paddings = .*: leave 1 frames fewer"),
    ],
)
def test_phones_need_a_frame_every_ten_milliseconds(model, words):
    with pytest.raises(UserError, match=words):
        check_phone_frames(ModelConfig(**model), "here")
    told = configuration("phone").model_copy(update={"model": ModelConfig(**model)})
    with pytest.raises(UserError, match=words):
        examples_of(Spoken(), told)


@pytest.mark.parametrize(
    "model", [{}, {"strides": (5, 4, 4, 2, 1)}, {"paddings": (4, 4, 2, 2, 2)}, {"modules": 1}]
)
def test_with_enough_frames_no_sound_has_too_few(model):
    config = ModelConfig(**model)
    check_phone_frames(config, "here")
    for samples in range(1600, 1600 + 2 * FRAME_SAMPLES):
        assert layer_frames(config, samples)[-1] >= samples // FRAME_SAMPLES
