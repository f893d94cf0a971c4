"""One loudness: what a level is, and that prepared corpora have it whatever they were made from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from sim_study.data.artificial_speech.kind import ArtificialSpeech
from sim_study.data.artificial_speech.read import FOLDERS
from sim_study.data.audio import FULL_SCALE, to_int16
from sim_study.data.clips import SPLITS
from sim_study.data.corpora import kind_of
from sim_study.data.corpus import Corpus
from sim_study.data.description import read_description
from sim_study.data.librispeech.kind import LibriSpeech
from sim_study.data.librispeech.stream import FLAWS_FILE
from sim_study.data.loudness import (
    HELD_BACK,
    SYLLABLE_LEVEL_DB,
    UTTERANCE_LEVEL_DB,
    at_level,
    clips_off_level,
    level_db,
    loud_rms,
)
from sim_study.data.prepare import folder_of, prepare
from sim_study.data.synthetic_speech.kind import SyntheticSpeech

DEFAULT_OF_BEFORE = "5fce47305340215ab35325b627381e2f8f3f304cf3f230078121decc28cabad7"
"""The default study's corpus, as earlier versions spoke it; its folder's name below."""


def tone(samples: int, amplitude: float) -> np.ndarray:
    """A tone of 400 Hz, whose RMS is amplitude / sqrt(2) in every 10 ms."""
    return amplitude * np.sin(2 * np.pi * 400 / 16_000 * np.arange(samples))


def test_silence_and_quiet_parts_do_not_count() -> None:
    loud = tone(3_200, 0.5)
    assert loud_rms(loud) == pytest.approx(0.5 / np.sqrt(2), rel=1e-9)
    padded = np.concatenate([np.zeros(4_800), loud, tone(1_600, 0.04), np.zeros(2_221)])
    assert loud_rms(padded) == pytest.approx(loud_rms(loud), rel=1e-9), "22 dB below"
    closer = np.concatenate([loud, tone(3_200, 0.06)])
    assert loud_rms(closer) == pytest.approx(np.sqrt((0.5**2 + 0.06**2) / 4), rel=1e-9), "18 dB"
    assert loud_rms(np.zeros(800)) == 0
    assert loud_rms(tone(400, 0.5)) == pytest.approx(0.5 / np.sqrt(2), rel=1e-9), "30 ms"


def test_a_click_is_not_taken_for_the_voice() -> None:
    voice = tone(16_000, 0.01)
    click = voice.copy()
    click[5_000:5_010] = 0.5
    change_db = 20 * np.log10(loud_rms(click) / loud_rms(voice))
    assert change_db < 8, "by the loudest stretch alone it would be 25 dB"


def test_a_peak_is_never_clipped_and_who_is_held_back_is_told() -> None:
    calm = at_level(tone(3_200, 0.01), -20.0)
    assert not calm.held_back
    assert level_db(to_int16(calm.sound)) == pytest.approx(-20, abs=0.01)
    click = tone(3_200, 0.01)
    click[1_000] = 0.9
    spiky = at_level(click, -20.0)
    assert spiky.held_back
    assert np.abs(to_int16(spiky.sound)).max() == FULL_SCALE - 1
    clips = np.stack([to_int16(calm.sound), to_int16(spiky.sound)])
    assert clips_off_level(clips, -20.0).tolist() == [False, True]
    silent = at_level(np.zeros(320), -20.0)
    assert not silent.sound.any()
    assert not silent.held_back


def recorded(root: Path, source: Path, scale: float) -> Path:
    """A few recordings of artificial speech, as loud as `scale` makes them."""
    for form in FOLDERS.values():
        for split in SPLITS:
            folder = root / form / split
            folder.mkdir(parents=True)
            for path in sorted((source / form / split).glob("*.wav"))[:6]:
                sound, rate_hz = soundfile.read(path, dtype="int16")
                scaled = (sound // 8 * 8 * scale).astype(np.int16)  # halves and doubles are exact
                soundfile.write(folder / path.name, scaled, rate_hz)
    return root


def test_how_loud_a_recording_was_leaves_no_trace(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "artificial-speech"
    corpora = [
        prepare(ArtificialSpeech(root=recorded(tmp_path / name, source, scale)), tmp_path / "out")
        for name, scale in (("as it is", 1.0), ("half", 0.5), ("eighth", 0.125))
    ]
    for form in FOLDERS:
        clips = [np.asarray(corpus.clips(form, "train").samples, np.int32) for corpus in corpora]
        assert not clips_off_level(clips[0].astype(np.int16), SYLLABLE_LEVEL_DB).any()
        for other in clips[1:]:
            assert np.abs(other - clips[0]).max() <= 1


@pytest.mark.parametrize("form", ["words", "syllables"])
def test_every_clip_of_the_syllable_corpora_is_at_the_level(
    synthetic: Corpus, real: Corpus, form: str
) -> None:
    for corpus in (synthetic, real):
        assert read_description(corpus.folder).counted == {}
        for split in SPLITS:
            samples = corpus.clips(form, split).samples
            assert not clips_off_level(samples, SYLLABLE_LEVEL_DB).any()
            assert np.abs(samples.astype(np.int32)).max() < FULL_SCALE - 1, "nothing is clipped"


def test_whole_utterances_are_at_their_level_but_for_those_whose_peaks_forbid_it(
    tree, tmp_path: Path
) -> None:
    spiky = (tree.sounds["11-7-0000"] // 90).astype(np.int16)
    spiky[3_000] = 20_000
    tree.write("dev", "11-7-0000", spiky)
    corpus = prepare(tree.config(normalise="rms"), tmp_path)
    train = corpus.utterances("train")
    levels = dict(zip(train.ids, map(level_db, train.recordings.parts), strict=True))
    held_back = levels.pop("11-7-0000")
    assert held_back < UTTERANCE_LEVEL_DB - 1
    np.testing.assert_allclose([*levels.values()], UTTERANCE_LEVEL_DB, atol=0.1)
    description = read_description(corpus.folder)
    assert description.counted[HELD_BACK].first == ("11-7-0000",)
    assert f"11-7-0000\t{held_back:.1f} dB" in (corpus.folder / FLAWS_FILE).read_text()
    assert np.abs(train.recordings.parts[0].astype(np.int32)).max() == FULL_SCALE - 1


def test_without_a_level_the_default_corpus_is_what_it_was(tmp_path: Path) -> None:
    """Trials of before are named by its fingerprint, and its folder by its recipe."""
    config = SyntheticSpeech(train_words=320, test_words=160, normalise="none")
    recipe = kind_of(config).recipe(config)
    assert "normalise" not in recipe
    assert folder_of(recipe, tmp_path).name == "synthetic-speech-9059d017cf191c06"
    levelled = config.model_copy(update={"normalise": "rms"})
    assert folder_of(kind_of(config).recipe(levelled), tmp_path) != folder_of(recipe, tmp_path)
    assert prepare(config, tmp_path).fingerprint == DEFAULT_OF_BEFORE


def test_a_recipe_names_the_level_or_leaves_the_key_out(tree) -> None:
    for normalise, expected in (("none", {}), ("rms", {"normalise": "rms", "level_db": -24.0})):
        config: LibriSpeech = tree.config(normalise=normalise)
        recipe = kind_of(config).recipe(config)
        assert {key: recipe[key] for key in ("normalise", "level_db") if key in recipe} == expected
