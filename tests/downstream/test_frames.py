import numpy as np
import pytest

from sim_study.config.geometry import module_frames
from sim_study.config.model import ModelConfig
from sim_study.downstream.codes.features import clip_codes, pooled_features
from sim_study.downstream.codes.frames import (
    FrameGrid,
    choose_labelled_frames,
    chosen_frame_codes,
    draw_rows,
    frame_grids,
)
from sim_study.downstream.codes.latents import frozen_latents
from sim_study.downstream.codes.utterance_codes import UtteranceCodes, first_labelled_frames
from sim_study.errors import UserError

SAMPLES = 10_240
FRAMES = 64


def test_frames_of_clips_are_those_at_the_same_time_in_every_layer(encoder, tones):
    model, clips = encoder("gim"), tones(12, samples=SAMPLES)
    chosen = np.array([0, 3, FRAMES + 5, 11 * FRAMES + 63])
    found = clip_codes(model, clips.samples, seed=None, frames={"frames": chosen}, batch_size=5)
    for layer, at in {"module_0": (0, 24, 40, 504), "module_2": (0, 3, 5, 63)}.items():
        latents = frozen_latents(model, clips.samples, layer).numpy()
        wanted = latents[(0, 0, 1, 11), at]
        np.testing.assert_allclose(found.frames["frames"][layer], wanted, atol=1e-6)
    pooled = pooled_features(model, clips.samples, seed=None, batch_size=5)
    assert all(np.array_equal(found.pooled[layer], pooled[layer]) for layer in pooled)


def test_frames_of_a_sampled_code_are_of_the_draw_that_is_pooled(encoder, tones):
    model, clips = encoder("sim"), tones(2, samples=SAMPLES)
    every = clip_codes(model, clips.samples, seed=3, frames={"frames": np.arange(2 * FRAMES)})
    mean = every.frames["frames"]["module_2"].reshape(2, FRAMES, -1).mean(axis=1)
    np.testing.assert_allclose(mean, every.pooled["module_2"], rtol=1e-4, atol=1e-6)


def test_frames_are_drawn_without_repetition_or_all_taken():
    assert draw_rows(5, 9, seed=0).tolist() == [0, 1, 2, 3, 4]
    drawn = draw_rows(1_000, 100, seed=0)
    assert len(np.unique(drawn)) == 100
    assert (np.diff(drawn) > 0).all()
    assert not np.array_equal(drawn, draw_rows(1_000, 100, seed=1))


def test_phones_belong_to_the_last_frames(encoder, phone_tones):
    utterances = phone_tones(3)
    model = encoder("gim")
    first = first_labelled_frames(model, utterances)
    lengths = [len(phones) for phones in utterances.phones]
    for row, (begin, labels) in enumerate(zip(first, lengths, strict=True)):
        sound = utterances.recordings.parts[row][None]
        latents = frozen_latents(model, sound, "context")[0].numpy()
        assert begin + labels == len(latents)
        codes = UtteranceCodes(model, utterances, seed=None)
        np.testing.assert_allclose(codes.labelled(row)["context"], latents[-labels:], atol=1e-6)
        fine = frozen_latents(model, sound, "module_0")[0].numpy()
        at = 8 * (len(latents) - labels)
        np.testing.assert_allclose(
            codes.labelled(row)["module_0"][0], fine[at - 3 : at + 5].mean(axis=0), atol=1e-6
        )


def test_chosen_frames_carry_their_own_phone_and_speaker(encoder, phone_tones):
    utterances = phone_tones(4)
    chosen = choose_labelled_frames(utterances, 50, seed=0)
    whole = UtteranceCodes(encoder("gim"), utterances, seed=None)
    codes = chosen_frame_codes(whole.single_frames, chosen)
    means = chosen_frame_codes(whole.labelled, chosen)
    assert len(chosen.rows) == 50
    for number, (row, place) in enumerate(zip(chosen.rows, chosen.places, strict=True)):
        assert chosen.labels["phone"][number] == utterances.phones[row][place]
        assert chosen.labels["speaker"][number] == utterances.speakers[row]
        np.testing.assert_array_equal(
            codes["context"][number], whole.labelled(row)["context"][place]
        )
        np.testing.assert_array_equal(
            means["module_0"][number], whole.labelled(row)["module_0"][place]
        )
    total = sum(map(len, utterances.phones))
    assert len(choose_labelled_frames(utterances, 10**6, seed=0).rows) == total


def test_sampled_codes_of_an_utterance_are_one_draw_however_often_it_is_encoded(
    encoder, phone_tones
):
    utterances, model = phone_tones(2), encoder("sim")
    codes = UtteranceCodes(model, utterances, seed=1)
    first, again = codes.labelled(0), codes.labelled(0)
    other = UtteranceCodes(model, utterances, seed=2).labelled(0)
    for layer in first:
        assert np.array_equal(first[layer], again[layer])
        assert not np.allclose(first[layer], other[layer])


def test_more_phones_than_frames_are_refused_by_the_utterance_s_name(encoder, phone_tones):
    utterances = phone_tones(2)
    utterances.phones[1] = np.zeros(1_000, np.int64)
    with pytest.raises(UserError, match=r"utterance_1: has .* phones more than the encoder"):
        UtteranceCodes(encoder("gim"), utterances, seed=None)


def receptive_centre(model: ModelConfig, layers: int, frame: int) -> float:
    """The sample in the middle of what a frame sees, straight from kernels and strides."""
    first, last = frame, frame
    shapes = list(zip(model.kernel_sizes, model.strides, model.paddings, strict=True))
    for kernel, stride, padding in reversed(shapes[:layers]):
        first, last = first * stride - padding, last * stride - padding + kernel - 1
    return (first + last) / 2


def test_ten_milliseconds_are_eight_two_and_one_frame_of_the_default_modules():
    grids = frame_grids(ModelConfig())
    assert {layer: grid.step for layer, grid in grids.items()} == {
        "module_0": 8,
        "module_1": 2,
        "module_2": 1,
        "context": 1,
    }
    assert grids["module_0"].around(np.array([0, 1, 63]), 511).tolist() == [
        [0, 0, 0, 0, 1, 2, 3, 4],  # the first frame stands for three that are not there
        [5, 6, 7, 8, 9, 10, 11, 12],
        [501, 502, 503, 504, 505, 506, 507, 508],
    ]
    assert grids["module_1"].around(np.array([0, 63]), 129).tolist() == [[0, 1], [126, 127]]
    assert grids["module_2"].around(np.array([0, 63]), 64).tolist() == [[0], [63]]


@pytest.mark.parametrize("modules", [3, 5])
def test_frames_of_a_layer_lie_around_the_centre_of_the_last_layer_s(modules):
    model = ModelConfig(modules=modules)
    for number, layers in enumerate(np.cumsum(model.layers_per_module)):
        grid = frame_grids(model)[f"module_{number}"]
        around = grid.around(np.array([20]), module_frames(model, 10_240)[f"module_{number}"])
        centres = [receptive_centre(model, int(layers), frame) for frame in around[0]]
        assert np.mean(centres) == receptive_centre(model, 5, 20)
        assert np.ptp(centres) < 160


def test_the_nearest_frame_is_one_in_the_middle_of_those_around():
    frames = np.arange(64)
    for grid in frame_grids(ModelConfig(modules=5)).values():
        length = 64 * grid.step
        nearest = grid.nearest(frames, length)
        assert np.array_equal(nearest, grid.around(frames, length)[:, (grid.step - 1) // 2])
    assert FrameGrid(1, 0.0).nearest(frames, 64).tolist() == frames.tolist()
