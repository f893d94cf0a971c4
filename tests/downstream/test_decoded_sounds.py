import numpy as np
import pytest
import torch

from sim_study.config.decoder import DecoderConfig
from sim_study.downstream.codes.latents import Draws, LatentStore
from sim_study.downstream.decoders.contribution_files import (
    contribution_metrics,
    write_contribution,
)
from sim_study.downstream.decoders.decoded_sounds import SoundMaker
from sim_study.downstream.decoders.decoder import build_decoder
from sim_study.metrics.catalogue import describe

SAMPLES = 10_240


@pytest.fixture(scope="module")
def speak(encoder, tones):
    def make(method="sim", seed=0, **changes):
        config = DecoderConfig.model_validate({"module": 2, **changes})
        model = encoder(method)
        decoder = build_decoder(model.config.model, 5, SAMPLES, seed=0).eval()
        return SoundMaker(model, decoder, config, seed)

    return make


@pytest.fixture(scope="module")
def words(tones):
    return tones(12, SAMPLES), tones(7, SAMPLES, seed=1)


def folders(speaker, words):
    return {found.name: found for found in speaker.folders(*words)}


def names(folder):
    return [[sound.name for sound in row] for row in folder.rows]


def test_everything_is_there_by_name(speak, words):
    found = folders(speak(traversals=2), words)
    assert list(found) == ["reconstructions", "interpolations", "draws", "traversals"]
    assert names(found["reconstructions"])[1] == ["original_tone_3", "reconstructed_tone_3"]
    assert names(found["draws"]) == [["prior_0", "prior_1"], ["matched_0", "matched_1"]]
    (way,) = names(found["interpolations"])
    assert way == [f"tone_0_to_tone_6_{part}" for part in ("000", "025", "050", "075", "100")]
    assert len(found["traversals"].rows) == 2
    assert all(row[2].endswith("+0.0sd") for row in names(found["traversals"]))
    sounds = [sound for one in found.values() for row in one.rows for sound in row]
    assert all(sound.samples.shape == (SAMPLES,) for sound in sounds)


@pytest.mark.parametrize("latents", ["means", "samples"])
def test_ends_of_a_way_are_the_reconstructions(speak, words, latents):
    found = folders(speak(latents=latents), words)
    way, rebuilt = found["interpolations"].rows[0], found["reconstructions"].rows
    np.testing.assert_allclose(way[0].samples, rebuilt[0][1].samples, atol=1e-6)
    np.testing.assert_allclose(way[-1].samples, rebuilt[-1][1].samples, atol=1e-6)
    for row in found["traversals"].rows:
        np.testing.assert_allclose(row[2].samples, rebuilt[0][1].samples, atol=1e-6)
        assert np.abs(row[0].samples - row[4].samples).max() > 1e-6


def test_zero_turns_a_part_off(speak, words, encoded):
    speaker = speak(sounds=0, draws=0, interpolations=0, traversals=0)
    assert not any(row for found in speaker.folders(*words) for row in found.rows)
    assert encoded == []


def test_draws_follow_the_seed_and_say_what_they_mean(speak, words):
    first, again, other = (folders(speak(seed=s), words)["draws"].rows for s in (0, 0, 1))
    assert np.array_equal(first[0][0].samples, again[0][0].samples)
    assert not np.array_equal(first[0][0].samples, other[0][0].samples)
    assert "is the prior" in folders(speak("sim"), words)["draws"].about
    assert "These latents have no prior" in folders(speak("gim"), words)["draws"].about


@pytest.mark.parametrize(("partners", "pairs"), [(2, 14), (6, 42), (99, 42)])
def test_contribution_of_a_decoder(speak, words, tmp_path, partners, pairs):
    speaker = speak(contribution_clips=99, contribution_partners=partners)
    found = speaker.contribution(words[1])
    assert found.dimensions.tolist() == [2, 4, 6]
    assert (found.pairs, found.all_pairs) == (pairs, 42)
    metrics = contribution_metrics(found, "mse", "module_2")
    assert list(metrics) == [
        "contribution_max/mse/module_2",
        "contribution/mse/top_2/module_2",
        "contribution/mse/top_4/module_2",
        "contribution_half/mse/module_2",
        "contribution_tenth/mse/module_2",
    ]
    assert all(describe(key).contains(value) for key, value in metrics.items())
    write_contribution(tmp_path, found, "sim")
    lines = (tmp_path / "contribution" / "contribution.csv").read_text().splitlines()
    assert lines[0] == "dimensions,score,standard_error,mse,pairs,all_pairs"
    assert [line.split(",")[0] for line in lines[1:]] == ["0", "2", "4", "6"]
    assert (tmp_path / "contribution" / "contribution.png").stat().st_size > 5_000


def test_words_that_sound_alike_have_no_score(speak, tones, tmp_path):
    alike = tones(3, SAMPLES)
    alike.samples[:] = alike.samples[0]
    found = speak(contribution_clips=3).contribution(alike)
    metrics = contribution_metrics(found, "mse", "module_2")
    assert metrics == {"contribution_max/mse/module_2": pytest.approx(0, abs=1e-15)}
    write_contribution(tmp_path, found, "sim")
    assert list(tmp_path.iterdir()) == []


def test_what_is_heard_and_scored_is_the_sample_that_was_tested(speak, words):
    """One draw of a word, whichever words are asked for, in a stream of its split's."""
    speaker = speak(latents="samples", contribution_clips=7)
    test = words[1]
    every = LatentStore(speaker._encoder, test.samples, "module_2", draws=Draws(0, "test"))
    torch.testing.assert_close(speaker.latents(test, [5, 2]), every[torch.tensor([5, 2])])
    assert not torch.equal(speaker.latents(test, [5]), speaker.latents(test, [5], "train"))
    scores = [speak(latents=kind, contribution_clips=7) for kind in ("means", "samples")]
    means, samples = (one.contribution(test).largest for one in scores)
    assert samples != means
