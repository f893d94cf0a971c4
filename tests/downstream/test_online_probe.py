from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim_study.config.train import OnlineProbeConfig
from sim_study.data.clips import Clips, Split
from sim_study.data.corpus import Corpus
from sim_study.data.split import HELD_OUT_SEED, split_by_group
from sim_study.data.utterances import Utterances
from sim_study.downstream.codes.features import pooled_features
from sim_study.downstream.codes.frames import choose_labelled_frames, draw_rows
from sim_study.downstream.probes import online_probe
from sim_study.downstream.probes.logistic import fit_logistic
from sim_study.downstream.probes.online_probe import (
    OnlineProbe,
    clip_examples,
    converged_accuracy,
    frame_examples,
    quick_accuracy,
)
from sim_study.errors import UserError


def readouts(codes: np.ndarray, labels: np.ndarray, fitted: int) -> list[float]:
    """What the quick and the converged probe read, fitted to the first examples."""
    fit, score = (codes[:fitted], labels[:fitted]), (codes[fitted:], labels[fitted:])
    words = np.arange(fitted) // 2
    return [quick_accuracy(*fit, *score), converged_accuracy(*fit, words, *score)]


def test_readout_is_perfect_whatever_the_scale_and_offset():
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, 300)
    features = np.eye(3)[labels] + 0.05 * random.standard_normal((300, 3))
    shifted = (1e-6 * features + 1e-5).astype(np.float32)
    constant = np.concatenate([shifted, np.full((300, 1), 7.7, np.float32)], axis=1)
    assert readouts(constant, labels, 200) == [1.0, 1.0]


def test_readout_of_noise_is_chance():
    random = np.random.default_rng(0)
    features, labels = random.standard_normal((900, 4)), random.integers(0, 3, 900)
    for score in readouts(features, labels, 600):
        assert score == pytest.approx(1 / 3, abs=0.1)


def test_what_leads_a_search_reads_what_the_final_probe_does():
    """Fewer folds and a looser gradient, on what one penalty cut short cannot read."""
    random = np.random.default_rng(0)
    labels = random.integers(0, 9, 900)
    mixed = random.standard_normal((30, 30)) * 0.3 ** np.arange(30)[:, None]
    centres = random.standard_normal((9, 30))
    features = (random.standard_normal((900, 30)) + 1.5 * centres[labels]) @ mixed
    quick, online = readouts(features, labels, 600)
    final = fit_logistic(features[:600], labels[:600], np.arange(600) // 2, 9)
    assert online == pytest.approx(final.accuracy(features[600:], labels[600:]), abs=0.01)
    assert quick < online - 0.1


class Given(Corpus):
    """A corpus of a test's own clips and utterances."""

    def __init__(self, clips: Clips, utterances: Utterances | None = None) -> None:
        super().__init__("given", "none", Path())
        object.__setattr__(self, "held", (clips, utterances))

    def probe_clips(self, split: Split) -> Clips:
        assert split == "train", "the test split is not for searching"
        return self.held[0]

    def utterances(self, split: Split) -> Utterances | None:
        assert split == "train", "the test split is not for searching"
        return self.held[1]


def test_tones_are_told_apart_in_every_layer(encoder, tones):
    model = encoder("sim")
    probe = OnlineProbe(Given(tones(90)), OnlineProbeConfig(validation_fraction=0.3))
    scores = probe(model)
    layers = ["module_0", "module_1", "module_2", "context"]
    assert list(scores) == [f"online/vowel/{name}" for name in [*layers, "mean"]]
    assert scores["online/vowel/module_0"] == 1.0
    mean = np.mean([scores[f"online/vowel/{layer}"] for layer in layers])
    assert scores["online/vowel/mean"] == pytest.approx(mean)
    assert scores == probe(model)


def test_each_clip_is_encoded_once_a_call(encoder, tones, encoded):
    OnlineProbe(Given(tones(60)), OnlineProbeConfig())(encoder("sim"))
    assert sum(encoded) == 60


def test_a_large_corpus_costs_no_more_and_keeps_its_words_on_their_sides(
    encoder, tones, encoded, monkeypatch
):
    clips = tones(90)
    whole = clip_examples(clips, "vowel", 0.3, "cpu")
    monkeypatch.setattr(online_probe, "MOST_CLIPS", 40)
    part = clip_examples(clips, "vowel", 0.3, "cpu")
    part.encode(encoder("gim"))
    assert sum(encoded) == 40
    assert len(part.fitted) + len(part.held_out) == len(part.labels) == 40
    rows = draw_rows(90, 40, HELD_OUT_SEED)
    assert set(rows[part.held_out]) <= set(whole.held_out)
    assert set(rows[part.fitted]) <= set(whole.fitted)


def test_phones_are_read_from_frames_of_utterances(encoder, tones, phone_tones, encoded):
    utterances = phone_tones(12)
    clips = replace(tones(24), groups=np.arange(24) // 2)
    config = OnlineProbeConfig(target="phone", validation_fraction=0.3)
    probe = OnlineProbe(Given(clips, utterances), config)
    scores = probe(encoder("gim"))
    assert sum(encoded) == 12
    assert scores["online/phone/module_0"] > 0.85
    assert scores == probe(encoder("gim"))
    assert len(probe.examples.labels) == sum(map(len, utterances.phones))


def test_frames_of_an_utterance_are_on_the_side_of_its_clips(tones, phone_tones, monkeypatch):
    monkeypatch.setattr(online_probe, "MOST_FRAMES", 300)
    monkeypatch.setattr(online_probe, "MOST_UTTERANCES", 9)
    clips = replace(tones(24), groups=np.arange(24) // 2)
    found = frame_examples(phone_tones(12), clips.groups, 0.3, "cpu")
    assert len(found.labels) == 300
    assert sorted([*found.fitted, *found.held_out]) == list(range(300))
    utterances = phone_tones(12).take(draw_rows(12, 9, HELD_OUT_SEED))
    rows = choose_labelled_frames(utterances, 300, HELD_OUT_SEED).rows
    _, held_out = split_by_group(clips.groups, 0.3, HELD_OUT_SEED)
    there = set(utterances.groups[rows[found.held_out]])
    assert there <= set(clips.groups[held_out])
    assert there.isdisjoint(utterances.groups[rows[found.fitted]])


def test_labels_that_are_all_the_same_are_refused(tones):
    alike = tones(6)
    alike.labels["vowel"] = np.ones(6, np.int64)
    with pytest.raises(UserError, match="'vowel': given has only one vowel in what is fitted"):
        OnlineProbe(Given(alike), OnlineProbeConfig())


def test_labels_that_a_corpus_lacks_are_refused(tones):
    with pytest.raises(UserError, match=r"online_probe.target = 'phone': given has no such labels"):
        OnlineProbe(Given(tones(6)), OnlineProbeConfig(target="phone"))


def test_a_target_is_read_from_thirds_or_from_frames_of_its_phone(encoder, tones, encoded):
    clips = tones(90)
    spans = {"vowel": np.tile(np.array([400, 1_200]), (90, 1))}
    timed = Given(replace(clips, spans=spans))
    model = encoder("gim")
    for pooling, examples, least in (("thirds", 90, 0.9), ("frames", 90 * 5, 0.5)):
        encoded.clear()
        config = OnlineProbeConfig(validation_fraction=0.3, pooling=pooling)
        probe = OnlineProbe(timed, config, model=model.config.model)
        assert probe(model)["online/vowel/module_0"] > least
        assert len(probe.examples.labels) == examples
        assert sum(encoded) == 90
        groups = probe.examples.groups
        assert set(groups[probe.examples.fitted]).isdisjoint(groups[probe.examples.held_out])


def test_quick_is_what_it_was(encoder, tones):
    clips = tones(90, seed=3)
    config = OnlineProbeConfig(target="syllable", validation_fraction=0.3, protocol="quick")
    quick = OnlineProbe(Given(clips), config)
    codes = pooled_features(encoder("gim"), clips.samples, seed=None)["module_1"]
    fitted, held_out = split_by_group(clips.groups, 0.3, HELD_OUT_SEED)
    labels = clips.labels["syllable"]
    wanted = quick_accuracy(codes[fitted], labels[fitted], codes[held_out], labels[held_out])
    assert quick(encoder("gim"))["online/syllable/module_1"] == wanted
