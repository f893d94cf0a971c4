from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from sim_study.data.sound_file import read_sound
from sim_study.errors import Problem

SINE = (np.sin(np.arange(4000) / 10) * 8000).astype(np.int16)


def good(path: Path, rate_hz: int = 22_050, **options: str) -> Path:
    soundfile.write(path, SINE, rate_hz, **options)
    return path


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_a_good_file_is_read_whole_and_exactly(tmp_path: Path, suffix: str) -> None:
    sound = read_sound(good(tmp_path / f"good.{suffix}"), 22_050)
    assert isinstance(sound, np.ndarray)
    np.testing.assert_array_equal(sound * 32_768, SINE)


def test_a_float_wav_is_read_at_its_level(tmp_path: Path) -> None:
    path = tmp_path / "float.wav"
    soundfile.write(path, SINE / 32_768, 22_050, subtype="FLOAT")
    sound = read_sound(path, 22_050)
    assert isinstance(sound, np.ndarray)
    np.testing.assert_array_equal(sound * 32_768, SINE)


def spoil(kind: str, path: Path) -> None:
    if kind == "unreadable":
        path.write_bytes(b"these are not sounds")
    elif kind == "truncated":
        path.write_bytes(good(path).read_bytes()[:-1001])
    elif kind == "silent":
        soundfile.write(path, np.zeros(4000, np.int16), 22_050)
    elif kind == "empty":
        soundfile.write(path, np.zeros(0, np.int16), 22_050)
    elif kind == "not finite":
        soundfile.write(path, np.full(4000, np.nan, np.float32), 22_050, subtype="FLOAT")
    elif kind == "wrong rate":
        good(path, 16_000)
    elif kind == "stereo":
        soundfile.write(path, np.stack([SINE, SINE], 1), 22_050)


LAWS = {
    "missing": "cannot be read",
    "unreadable": "cannot be read",
    "truncated": "is truncated: its header promises more than there is",
    "silent": "is silent",
    "empty": "is empty",
    "not finite": "not finite numbers",
    "wrong rate": "rate = 16000: must be 22050 Hz",
    "stereo": "channels = 2: must be mono",
}


@pytest.mark.parametrize("kind", LAWS)
def test_a_bad_file_is_named_with_what_is_wrong(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "bad.wav"
    spoil(kind, path)
    found = read_sound(path, 22_050)
    assert isinstance(found, Problem)
    assert str(found).startswith(str(path))
    assert LAWS[kind] in str(found)


def test_a_truncated_flac_is_noticed(tmp_path: Path) -> None:
    path = good(tmp_path / "bad.flac")
    path.write_bytes(path.read_bytes()[:-800])
    assert isinstance(read_sound(path, 22_050), Problem)
