"""Codes in time: thirds of what sounds, and frames of the phone that carries a factor."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from sim_study.config.model import ModelConfig
from sim_study.downstream.codes.features import clip_codes
from sim_study.downstream.codes.frames import FrameGrid, frame_grids, sample_grids
from sim_study.downstream.codes.latents import frozen_latents
from sim_study.downstream.codes.protocols import protocol_features
from sim_study.downstream.codes.spans import draw_span_frames, sounding, third_weights
from sim_study.downstream.probes.logistic import fit_logistic
from sim_study.errors import UserError
from sim_study.ledger.feature_file import FramesOf

MODEL = ModelConfig(channels=6, context_channels=5)
SAMPLES = 8_800


def test_a_frame_lies_where_the_sound_that_it_sees_has_its_centre() -> None:
    """The samples that move a frame of a stack of positive weights, and their middle."""
    shapes = list(zip(MODEL.kernel_sizes, MODEL.strides, MODEL.paddings, strict=True))
    for layer, depth in {"module_0": 2, "module_1": 4, "module_2": 5}.items():
        sound = torch.zeros(1, 1, 4_000, requires_grad=True)
        frames = sound
        for kernel, stride, padding in shapes[:depth]:
            frames = torch.nn.functional.conv1d(
                frames, torch.ones(1, 1, kernel), stride=stride, padding=padding
            )
        frame = frames.shape[-1] // 2
        frames[0, 0, frame].backward()
        assert sound.grad is not None
        heard = np.flatnonzero(sound.grad[0, 0].numpy())
        centre = sample_grids(MODEL)[layer].centres(frame + 1)[frame]
        assert centre == (heard[0] + heard[-1]) / 2
    assert sample_grids(MODEL)["context"] == sample_grids(MODEL)["module_2"]


def test_layers_lie_at_the_same_times_by_both_grids() -> None:
    by_sample, by_frame = sample_grids(MODEL), frame_grids(MODEL)
    for layer, grid in by_frame.items():
        ours, last = by_sample[layer], by_sample["context"]
        assert ours.step * grid.step == last.step
        assert ours.offset + ours.step * grid.offset == last.offset


def test_thirds_are_means_of_the_frames_inside() -> None:
    grid = FrameGrid(10, 5.0)  # centres at 5, 15, 25 ...
    spans = np.array([[20, 110], [0, 30], [40, 44], [95, 100]])
    weights = third_weights(spans, grid, 10)
    assert weights.shape == (4, 3, 10)
    np.testing.assert_allclose(weights.sum(axis=2), 1, rtol=1e-6)
    inside = [[np.flatnonzero(third).tolist() for third in clip] for clip in weights]
    assert inside[0] == [[2, 3, 4], [5, 6, 7], [8, 9]]
    assert inside[1] == [[0], [1], [2]]
    assert inside[2] == [[4], [4], [4]]  # no centre inside: the nearest
    assert inside[3] == [[9], [9], [9]]


def test_thirds_of_every_layer_are_of_its_own_frames(encoder, tones) -> None:
    clips, model = tones(5, samples=SAMPLES), encoder("gim")
    spans = np.array([[1_000 + 100 * clip, 6_000 + 300 * clip] for clip in range(5)])
    found = clip_codes(model, clips.samples, seed=None, spans=spans, batch_size=2)
    for layer, thirds in found.thirds.items():
        latents = frozen_latents(model, clips.samples, layer).numpy()  # (clip, L, C)
        centres = sample_grids(model.config.model)[layer].centres(latents.shape[1])
        for clip, (first, last) in enumerate(spans):
            edges = np.linspace(first, last, 4)
            wanted = [
                latents[clip, (centres >= low) & (centres < high)].mean(axis=0)
                for low, high in pairwise(edges)
            ]
            np.testing.assert_allclose(thirds[clip], np.concatenate(wanted), rtol=1e-4, atol=1e-6)
    assert clip_codes(model, clips.samples, seed=None).thirds == {}


def test_where_nothing_is_known_the_whole_clip_sounds(tones) -> None:
    clips = tones(2, samples=SAMPLES)
    assert sounding(clips).tolist() == [[0, SAMPLES]] * 2
    known = replace(clips, spans={"sounding": np.array([[10, 90], [20, 80]])})
    assert sounding(known).tolist() == [[10, 90], [20, 80]]
    assert sounding(known.take(np.array([1]))).tolist() == [[20, 80]]


def test_frames_are_drawn_inside_the_span_of_what_carries_a_factor(tones) -> None:
    random = np.random.default_rng(0)
    begins = random.integers(500, 4_000, 40)
    spans = {
        "sounding": np.stack([begins, begins + 3_000], axis=1),
        "consonant": np.stack([begins, begins + 700], axis=1),
        "vowel": np.stack([begins + 700, begins + 3_000], axis=1),
    }
    clips = replace(tones(40, samples=SAMPLES), spans=spans)
    length = 55
    centres = sample_grids(MODEL)["context"].centres(length)
    for factor, span in {"consonant": "consonant", "vowel": "vowel", "voice": "sounding"}.items():
        assert FramesOf(factor).span == span
        frames = draw_span_frames(clips, span, MODEL, 10_000, seed=1)
        rows, at = frames // length, centres[frames % length]
        assert (at >= spans[span][rows, 0]).all()
        assert (at < spans[span][rows, 1]).all()
        inside = (centres >= spans[span][:, :1]) & (centres < spans[span][:, 1:])
        assert len(frames) == inside.sum()
        some = draw_span_frames(clips, span, MODEL, 50, seed=1)
        assert len(some) == 50
        assert set(some) < set(frames)
        assert not np.array_equal(some, draw_span_frames(clips, span, MODEL, 50, seed=2))
    nowhere = replace(clips, spans={"vowel": np.zeros((40, 2), np.int64)})
    with pytest.raises(UserError, match=r"span = 'vowel': no clip has a frame in this span"):
        draw_span_frames(nowhere, "vowel", MODEL, 50, seed=1)


def test_sampled_latents_are_neither_cut_in_thirds_nor_in_phones(encoder, tones) -> None:
    clips = tones(6, samples=SAMPLES)
    unit = FramesOf("vowel")
    drawn = {unit: np.array([1, 70]), "frames": np.array([2])}
    found = protocol_features(
        encoder("sim"), clips, clips, 0, frames={"train": drawn, "test": drawn}, thirds=True
    )
    assert set(found["probe_accuracy"].parts) == {"thirds", unit, "frames"}
    assert set(found["probe_interpretability"].parts) == {"frames"}
    assert found["probe_accuracy"].of(unit)["test"]["context"].shape == (2, 5)


def test_a_consonant_at_the_start_is_read_in_thirds_and_lost_in_the_mean() -> None:
    """The code's sign turns with the consonant in the first third, and back in the last."""
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 600)
    frames = 0.3 * random.standard_normal((600, 60, 2))
    sign = np.where(labels, 1.0, -1.0)[:, None]
    frames[:, :20, 0] += sign
    frames[:, 40:, 0] -= sign
    weights = third_weights(np.tile([0, 600], (600, 1)), FrameGrid(10, 5.0), 60)
    thirds = (weights @ frames).reshape(600, -1)
    words, scores = np.arange(600) // 3, {}
    for name, codes in {"mean": frames.mean(axis=1), "thirds": thirds}.items():
        fit = fit_logistic(codes[:300], labels[:300], words[:300], 2)
        scores[name] = fit.accuracy(codes[300:], labels[300:])
    assert scores["mean"] == pytest.approx(0.5, abs=0.1)
    assert scores["thirds"] == 1.0
