"""Perturbed clips are what was asked for, and planted encoders get the curves they must get."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from sim_study.config.probe import ProbeConfig, RobustnessConfig
from sim_study.config.trial import hashed_content
from sim_study.data.clips import Clips
from sim_study.data.loudness import loud_rms
from sim_study.downstream.probes.robustness import (
    Condition,
    babble,
    conditions,
    measure_robustness,
    measured_clips,
    perturbed,
    white_noise,
)
from sim_study.ledger.robustness_file import (
    ROBUSTNESS_FILE,
    read_robustness,
    write_robustness,
)
from sim_study.metrics.catalogue import describe

CONFIG = RobustnessConfig()
SAMPLES = 4_800
FREQUENCIES_HZ = np.array([300.0, 900.0, 2_700.0])
TRIALS = 90


def clips_of(labels: np.ndarray, amplitudes: np.ndarray) -> np.ndarray:
    """Tones in the middle of silence, their pitch the label: (clip, sample) int16."""
    time = np.arange(SAMPLES) / 16_000
    phases = np.random.default_rng(0).uniform(0, 2 * np.pi, len(labels))
    tones = np.sin(2 * np.pi * FREQUENCIES_HZ[labels][:, None] * time + phases[:, None])
    tones[:, :800] = tones[:, -1_600:] = 0
    return np.rint(tones * amplitudes[:, None]).astype(np.int16)


LABELS = np.arange(TRIALS) % 3
CLIPS = clips_of(LABELS, np.full(TRIALS, 8_000.0))
OTHERS = clips_of(np.arange(30) % 3, np.full(30, 8_000.0))


def powers(sound: np.ndarray) -> np.ndarray:
    """Power at each of the three frequencies, over a whole clip: (clip, 3)."""
    time = np.arange(sound.shape[1]) / 16_000
    waves = np.exp(-2j * np.pi * FREQUENCIES_HZ[:, None] * time)
    return np.abs(sound @ waves.T) ** 2


def encode(sound: np.ndarray) -> dict[str, np.ndarray]:
    """Planted layers: the strongest tone, how loud it is, and the strongest tone in 3 ms."""
    return {
        "pitch": powers(sound).argmax(axis=1),
        "level": np.abs(sound).max(axis=1),
        "glimpse": powers(sound[:, 1_600:1_653]).argmax(axis=1),
    }


def read(target: str, layer: str, codes: np.ndarray) -> np.ndarray:
    """What a probe of clean clips names: of levels, the nearest of 8,000 / 4,000 / 2,000."""
    if layer != "level":
        return codes
    return np.abs(codes[:, None] - np.array([8_000, 4_000, 2_000])).argmin(axis=1)


def curve(points: Mapping[tuple[str, str, float], float], layer: str, kind: str) -> list[float]:
    return [accuracy for (of, which, _), accuracy in points.items() if (of, which) == (layer, kind)]


def points_of(samples: np.ndarray, labels: np.ndarray, config: RobustnessConfig = CONFIG):
    found = measure_robustness(encode, read, samples, {"x": labels}, OTHERS, config)
    return found, {(one.layer, one.kind, one.level_db): one.accuracy for one in found.points}


def test_what_ignores_gain_keeps_its_accuracy_what_reads_level_loses_it() -> None:
    loudness = np.array([8_000.0, 4_000.0, 2_000.0])[LABELS]
    found, points = points_of(clips_of(LABELS, loudness), LABELS)
    assert points["pitch", "clean", 0.0] == points["level", "clean", 0.0] == 1
    assert curve(points, "pitch", "gain") == [1, 1, 1, 1]
    assert curve(points, "level", "gain") == pytest.approx([1 / 3] * 4), "chance"
    assert found.metrics["robustness_gain/x/pitch"] == 1
    assert found.metrics["robustness_gain/x/level"] == pytest.approx(1 / 3)


def test_noise_hurts_who_hears_little_first_and_worse_noise_hurts_more() -> None:
    levels = (20.0, 5.0, 0.0, -5.0, -10.0)
    found, points = points_of(CLIPS, LABELS, RobustnessConfig(snr_db=levels))
    assert points["glimpse", "clean", 0.0] == points["pitch", "clean", 0.0] == 1
    assert curve(points, "pitch", "white") == [1] * 5, "it hears 0.15 s"
    glimpse = curve(points, "glimpse", "white")
    assert all(worse <= better + 0.03 for better, worse in pairwise(glimpse))
    assert glimpse[0] == 1
    assert 1 / 3 < glimpse[-1] < 0.8
    babbled = curve(points, "pitch", "babble")
    assert babbled[0] == 1
    assert babbled[-1] < 0.6, "the voices say the same tones"
    areas = found.metrics
    assert areas["robustness_white/x/glimpse"] == pytest.approx(np.mean(glimpse))
    for key, value in areas.items():
        assert describe(key).contains(value)


@pytest.mark.parametrize("snr_db", [20.0, 5.0, -3.0])
@pytest.mark.parametrize("kind", ["white", "babble"])
def test_the_mixture_has_the_ratio_that_was_asked_for(kind: str, snr_db: float) -> None:
    noises = {
        "white": white_noise(CLIPS.shape),
        "babble": babble(OTHERS, CLIPS.shape, CONFIG),
    }
    mixed = perturbed(CLIPS, Condition(kind, snr_db), noises)  # type: ignore[arg-type]
    noise = mixed.astype(np.float64) - CLIPS
    levels = np.array([loud_rms(clip) for clip in CLIPS])
    # The tone is on for half the clip; silence does not count.
    np.testing.assert_allclose(levels, 8_000 / np.sqrt(2), rtol=0.02)
    found_db = 20 * np.log10(levels / np.sqrt(np.square(noise).mean(axis=1)))
    np.testing.assert_allclose(found_db, snr_db, atol=0.1)


def test_white_noise_is_flat_and_babble_lies_where_voices_do() -> None:
    spectra = [
        np.square(np.abs(np.fft.rfft(noise, axis=1))).mean(axis=0)
        for noise in (white_noise((64, 1_600)), babble(OTHERS, (64, 1_600), CONFIG))
    ]
    halves = [spectrum[1:400].sum() / spectrum[401:].sum() for spectrum in spectra]
    assert halves[0] == pytest.approx(1, abs=0.05)
    assert halves[1] > 20
    noise = babble(OTHERS, (64, 1_600), CONFIG)
    assert np.corrcoef(noise)[np.triu_indices(64, 1)].max() < 0.999, "excerpts are not all one"
    alone = babble(OTHERS, (64, 1_600), RobustnessConfig(babble_voices=1))
    assert np.mean(alone**4) == pytest.approx(1.5, abs=0.1), "a tone"
    assert 2.1 < np.mean(noise**4) < 3, "a sum of six, nearer to a normal distribution's 3"


def test_louder_clips_are_not_clipped() -> None:
    loud = clips_of(LABELS[:3], np.full(3, 30_000.0))
    mixed = perturbed(loud, Condition("gain", 12.0), {})
    assert mixed.dtype == np.float32
    np.testing.assert_allclose(mixed, loud * 10 ** (12 / 20), rtol=1e-6)
    assert np.abs(mixed).max() > 100_000


def test_every_arm_hears_the_same_and_levels_are_of_one_noise() -> None:
    first, again = ([*points_of(CLIPS, LABELS)[1].items()] for _ in range(2))
    assert first == again
    noises = {"white": white_noise(CLIPS.shape)}
    faint, strong = (
        perturbed(CLIPS, Condition("white", snr), noises).astype(np.float64) - CLIPS
        for snr in (20.0, 0.0)
    )
    np.testing.assert_allclose(10 * faint, strong, atol=0.2)
    silent = np.zeros((2, SAMPLES), np.int16)
    assert not perturbed(silent, Condition("white", 0.0), {"white": noises["white"][:2]}).any()


def test_the_file_has_every_point_and_clean_has_no_level(tmp_path: Path) -> None:
    config = RobustnessConfig(gain_db=(6.0,), snr_db=(3.0,))
    found, _ = points_of(CLIPS, LABELS, config)
    write_robustness(tmp_path, found.points)
    for read, point in zip(read_robustness(tmp_path), found.points, strict=True):
        assert read == point._replace(accuracy=pytest.approx(point.accuracy, abs=1e-6))
    with (tmp_path / ROBUSTNESS_FILE).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 * len([*conditions(config)]) == 12
    assert [(row["kind"], row["level_db"]) for row in rows[::3]] == [
        ("clean", ""),
        ("gain", "6"),
        ("white", "3"),
        ("babble", "3"),
    ]
    assert {row["n"] for row in rows} == {str(TRIALS)}
    assert rows[0] == {
        "target": "x", "layer": "pitch", "kind": "clean", "level_db": "", "accuracy": "1.000000",
        "n": "90",
    }  # fmt: skip


def test_a_part_of_many_clips_is_the_same_part_always() -> None:
    ids = [str(row) for row in range(TRIALS)]
    clips = Clips(ids, CLIPS, {"x": LABELS}, {"x": ("a", "b", "c")}, {}, np.arange(TRIALS))
    config = RobustnessConfig(clips=10)
    assert measured_clips(clips, config).ids == measured_clips(clips, config).ids
    assert len(measured_clips(clips, config)) == 10
    assert measured_clips(clips, CONFIG).ids == ids


def test_a_probe_of_before_keeps_its_name() -> None:
    assert "robustness" not in hashed_content(ProbeConfig())
    assert hashed_content(ProbeConfig(robustness=CONFIG))["robustness"]["snr_db"] == [20, 10, 5, 0]
